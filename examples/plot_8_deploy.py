"""
Deploy with ONNX Runtime alone
==============================

Train here, predict in a program that has neither skmnist nor TensorFlow.
"""

# %%
# A fitted classifier is saved as one file. The scaling of the pixels is in it, so that
# whoever uses it gives it raw pixels.
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from skmnist import DigitGridDisplay, MNISTClassifier, fetch_mnist, load_digits28

load = fetch_mnist if os.environ.get("SKMNIST_EXAMPLES") == "mnist" else load_digits28
X, y = load(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
classifier = MNISTClassifier(epochs=15, random_state=0).fit(X_train, y_train)

folder = TemporaryDirectory()
model = Path(folder.name, "digits.onnx")
classifier.save(model)
print(f"{model.name}: {model.stat().st_size / 1000:.0f} kB")

# %%
# This is the whole program that predicts, wherever there are NumPy and ONNX Runtime.
# Its last line tells which of three packages are imported.
program = """\
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("digits.onnx")
pixels = np.load("pixels.npy")
label, probabilities = session.run(["label", "probabilities"], {"pixels": pixels})
np.savez("predicted.npz", label=label, probabilities=probabilities)
print("read", len(pixels), "digits, the first is a", label[0])
print("imported:", {"onnxruntime", "skmnist", "tensorflow"} & set(sys.modules))
"""

# %%
# It is run as a process of its own. ONNX Runtime may send usage data; the variable in
# the environment tells it not to.
np.save(Path(folder.name, "pixels.npy"), X_test)
finished = subprocess.run(
    [sys.executable, "-c", program],
    cwd=folder.name,
    env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"},
    capture_output=True,
    text=True,
    check=True,
)
print(finished.stdout, end="")

# %%
# The program finds the labels that the classifier finds, and the same probabilities but
# for rounding.
with np.load(Path(folder.name, "predicted.npz")) as predicted:
    labels, probabilities = predicted["label"], predicted["probabilities"]
folder.cleanup()
print("same labels:", np.array_equal(labels, classifier.predict(X_test)))
difference = np.abs(probabilities - classifier.predict_proba(X_test)).max()
print(f"largest difference of a probability: {difference:.0e}")

# %%
# What it read.
grid = DigitGridDisplay.from_predictions(
    X_test, y_test, labels, confidence=probabilities, n_rows=3, n_cols=6
)
plt.show()
