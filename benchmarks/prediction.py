"""Times of prediction, import and cold start, compared with other libraries.

Run `python benchmarks/prediction.py`: it prints tables and writes
docs/benchmarks/prediction.md.
"""

import argparse
import os
import statistics
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnxruntime
import psutil
from _harness import child, describe_machine, interleave, timed, write_report
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from skmnist import MNISTClassifier, load_digits28

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "prediction.md"
PACKAGES = ("numpy", "scikit-learn", "onnxruntime", "tensorflow", "keras", "scikeras")
ROUNDS = 9

LOAD_AND_CLASSIFY = """
import sys
import numpy as np
from skmnist import MNISTClassifier
MNISTClassifier.load(sys.argv[1]).predict(np.load(sys.argv[2]))
"""

LOAD_AND_CLASSIFY_WITH_KERAS = """
import sys
import numpy as np
import keras
model = keras.saving.load_model(sys.argv[1])
model.predict(np.load(sys.argv[2]) / 255, verbose=0).argmax(axis=1)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", default=REPORT, help="the report")
    args = parser.parse_args()
    X, y = load_digits28(return_X_y=True)
    classifier = MNISTClassifier(epochs=3, random_state=0).fit(X, y)
    tables = {
        "One image": compare_one_image(classifier, fit_others(X, y), X[:1]),
        "10,000 images": compare_many(classifier, X, y),
        "Import": compare_imports(),
    }
    with tempfile.TemporaryDirectory() as folder:
        tables["A new process"] = compare_processes(classifier, X[:1], Path(folder))
        tables["Size and memory"] = measure_sizes(classifier, X[:1], Path(folder))
    intro = [
        "The default network, 784-128-10. Times are those of the public methods, with "
        "all their checks.",
        f"Times are medians of {ROUNDS} interleaved rounds of one run.",
        *describe_machine(PACKAGES),
    ]
    write_report(args.output, "Prediction, saving and cold start", intro, tables)


def fit_others(X, y):
    """Return the predict_proba of other libraries, fitted on scaled pixels."""
    scaled = (X / 255).astype(np.float32)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        mlp = MLPClassifier((128,), max_iter=2, random_state=0).fit(scaled, y)
    others = {"MLPClassifier": mlp.predict_proba}
    if find_spec("scikeras") is not None:
        others["scikeras"] = fit_scikeras(scaled, y).predict_proba
    return others


def fit_scikeras(scaled, y):
    import keras
    from scikeras.wrappers import KerasClassifier

    def build():
        layers = [
            keras.Input((784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
        return keras.Sequential(layers)

    loss = "sparse_categorical_crossentropy"
    return KerasClassifier(build, loss=loss, epochs=1, verbose=0).fit(scaled, y)


def compare_one_image(classifier, others, image):
    scaled = (image / 255).astype(np.float32)
    contestants = {"skmnist": timed(classifier.predict_proba, image, calls=200)}
    for name, predict_proba in others.items():
        calls = 5 if name == "scikeras" else 200
        contestants[name] = timed(predict_proba, scaled, calls=calls)
    goals = {"MLPClassifier": 1, "scikeras": 300}
    rows = rows_of_times(interleave(contestants, ROUNDS), goals)
    if "scikeras" not in others:
        rows.append(("scikeras", "not installed", "", "at least 300", "not measured"))
    return rows


def compare_many(classifier, X, y):
    images = np.resize(X, (10_000, X.shape[1]))
    pixels = images.astype(np.float32)
    scaled = pixels / np.float32(255)
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        mlp = MLPClassifier((128,), max_iter=2).fit(scaled[: len(y)], y)
    bare = open_saved(classifier)
    contestants = {
        "skmnist": timed(classifier.predict_proba, images, calls=5),
        "skmnist, pixels as float32": timed(classifier.predict_proba, pixels, calls=5),
        "ONNX Runtime alone": timed(
            bare.run, ["probabilities"], {"pixels": images}, calls=5
        ),
        "MLPClassifier": timed(mlp.predict_proba, scaled, calls=5),
    }
    goals = {"ONNX Runtime alone": 1 / 1.3, "MLPClassifier": 1}
    return rows_of_times(interleave(contestants, ROUNDS), goals)


def open_saved(classifier):
    """Return a session of ONNX Runtime on the file that the classifier saves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.onnx"
        classifier.save(path)
        return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def rows_of_times(seconds, goals):
    """Return a table of medians, also in multiples of skmnist's."""
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    rows = [("", "milliseconds", "relative to skmnist", "goal", "reached")]
    for name, median in medians.items():
        ratio = median / medians["skmnist"]
        goal = goals.get(name)
        told = ("", "") if goal is None else (f"at least {goal:.3g}", yes(ratio > goal))
        rows.append((name, f"{1000 * median:.3g}", f"{ratio:.3g}", *told))
    return rows


def yes(reached):
    return "yes" if reached else "**no**"


def compare_imports():
    programs = (
        "import sklearn.base, sklearn.pipeline",
        "import skmnist",
        "from skmnist import MNISTClassifier",
    )
    seconds = interleave(
        {code: lambda code=code: child(code)[0] for code in programs}, ROUNDS
    )
    limit = statistics.median(seconds[programs[0]]) + 0.15
    rows = [("", "seconds", "goal", "reached")]
    for code, values in seconds.items():
        taken = statistics.median(values)
        told = (f"at most {limit:.2f}", yes(taken <= limit)) if "mnist" in code else ""
        rows.append((f"`{code}`", f"{taken:.2f}", *(told or ("", ""))))
    return rows


def compare_processes(classifier, image, folder):
    """Compare loading a model and classifying one image, in a new process."""
    np.save(folder / "image.npy", image)
    classifier.save(folder / "model.onnx")
    classifier.model_.save(folder / "model.keras")
    programs = {
        "skmnist": (LOAD_AND_CLASSIFY, "model.onnx"),
        "Keras": (LOAD_AND_CLASSIFY_WITH_KERAS, "model.keras"),
    }
    megabytes = {name: [] for name in programs}

    def run(name):
        code, model = programs[name]
        seconds, peak = child(code, folder / model, folder / "image.npy")
        megabytes[name].append(peak)
        return seconds

    contestants = {name: lambda name=name: run(name) for name in programs}
    seconds = interleave(contestants, ROUNDS)
    rows = [("", "seconds", "peak MB", "goal", "reached")]
    for name, values in seconds.items():
        taken, peak = statistics.median(values), statistics.median(megabytes[name])
        rows.append((name, f"{taken:.2f}", f"{peak:.0f}", "", ""))
        if name == "skmnist":
            reached = yes(taken < 2.5 and peak < 250)
            rows[-1] = (*rows[-1][:3], "2.5 seconds, 250 MB", reached)
    return rows


def measure_sizes(classifier, image, folder):
    size = (folder / "model.onnx").stat().st_size / 1e6
    process = psutil.Process()
    for _ in range(100):
        classifier.predict_proba(image)
    before = process.memory_info().rss
    for _ in range(1000):
        classifier.predict_proba(image)
    growth = (process.memory_info().rss - before) / 1e6
    return [
        ("", "MB", "goal", "reached"),
        ("Saved file", f"{size:.2f}", "0.5", yes(size < 0.5)),
        ("Growth over 1,000 predictions", f"{growth:.1f}", "0", yes(growth < 1)),
    ]


if __name__ == "__main__":
    main()
