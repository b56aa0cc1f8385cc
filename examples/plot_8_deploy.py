"""
Deploy with ONNX Runtime alone
==============================

Train here, predict in a program that has neither skmnist nor TensorFlow.
"""

# %%
# A fitted classifier is saved as one file. The file includes the scaling, so its input
# is raw pixels.
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
# This is the whole program that predicts. It needs only NumPy and ONNX Runtime. Its
# last line prints which of three packages it has imported.
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
# It runs in its own process. ONNX Runtime may send usage data; the environment variable
# turns this off.
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
# The program predicts the same labels as the classifier, and the same probabilities
# except for rounding.
with np.load(Path(folder.name, "predicted.npz")) as predicted:
    labels, probabilities = predicted["label"], predicted["probabilities"]
folder.cleanup()
print("same labels:", np.array_equal(labels, classifier.predict(X_test)))
difference = np.abs(probabilities - classifier.predict_proba(X_test)).max()
print(f"largest difference between probabilities: {difference:.0e}")

# %%
# Some of the digits with their predictions.
grid = DigitGridDisplay.from_predictions(
    X_test, y_test, labels, confidence=probabilities, n_rows=3, n_cols=6
)
plt.show()
