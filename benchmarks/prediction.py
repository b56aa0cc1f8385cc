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
from _harness import child, describe_machine, interleave, timed
from _report import draw_bars, write_report
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
    times = {
        "One image": compare_one_image(classifier, fit_others(X, y), X[:1]),
        "10,000 images": compare_many(classifier, X, y),
    }
    imports = compare_imports()
    with tempfile.TemporaryDirectory() as folder:
        processes = compare_processes(classifier, X[:1], Path(folder))
        sizes = measure_sizes(classifier, X[:1], Path(folder))
    machine = describe_machine(PACKAGES)
    write(args.output, times, imports, processes, sizes, machine)


def write(path, times, imports, processes, sizes, machine):
    """Write the page.

    Parameters
    ----------
    path : path
        The page.
    times : dict of str to dict of str to float
        Heading -> name -> seconds of a prediction.
    imports : dict of str to float
        Code -> seconds.
    processes : dict of str to (float, float)
        Name -> seconds and peak MB of a new process.
    sizes : dict of str to float
        What -> MB.
    machine : list of str
        The machine and the versions.
    """
    sections = {heading: list_times(seconds) for heading, seconds in times.items()}
    rows = [(f"`{code}`", f"{seconds:.2f}") for code, seconds in imports.items()]
    sections["Import"] = [("", "seconds"), *rows]
    rows = [(name, f"{s:.2f}", f"{peak:.0f}") for name, (s, peak) in processes.items()]
    title = "A new process that loads a model and classifies an image"
    sections[title] = [("", "seconds", "peak MB"), *rows]
    rows = [(what, format_megabytes(value)) for what, value in sizes.items()]
    sections["Size and memory"] = [("", "MB"), *rows]
    measured = [
        "The default network, 784-128-10. Times are those of the public methods, with "
        "all their checks.",
        f"Times are medians of {ROUNDS} interleaved rounds of one run.",
        *machine,
    ]
    one, many = (seconds["skmnist"] for seconds in times.values())
    ours, peak = processes["skmnist"]
    answer = (
        f"The probabilities of one image take {in_milliseconds(one)} ms, those of "
        f"10,000 images {in_milliseconds(many)} ms. A new process that loads a model "
        f"and classifies an image takes {ours:.1f} s and {peak:.0f} MB."
    )
    chart = draw_times(times), "Bars: the milliseconds of a prediction."
    title = "Prediction, saving and cold start"
    write_report(path, title, answer, sections, measured, chart)


def draw_times(times):
    """Draw the milliseconds of one prediction and of many."""
    bars = {
        f"{name}, {heading.lower()}": 1000 * value
        for heading, seconds in times.items()
        for name, value in seconds.items()
    }
    ours = [name for name in bars if name.startswith("skmnist")]
    label = "milliseconds (logarithmic axis)"
    return draw_bars(bars, label, ours=ours, log=True)


def in_milliseconds(seconds):
    return f"{1000 * seconds:.3g}"


def format_megabytes(value):
    return f"{value:.2f}" if value >= 0.01 else "0"


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
    return take_medians(interleave(contestants, ROUNDS))


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
    return take_medians(interleave(contestants, ROUNDS))


def open_saved(classifier):
    """Return a session of ONNX Runtime on the file that the classifier saves."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.onnx"
        classifier.save(path)
        return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def take_medians(seconds):
    return {name: statistics.median(values) for name, values in seconds.items()}


def list_times(seconds):
    """Return a table of milliseconds, also in multiples of skmnist's."""
    rows = [
        (name, in_milliseconds(value), format_ratio(value / seconds["skmnist"]))
        for name, value in seconds.items()
    ]
    return [("", "milliseconds", "times skmnist's"), *rows]


def format_ratio(ratio):
    """Return a ratio with three digits, without an exponent."""
    return f"{float(f'{ratio:.3g}'):,.10g}"


def compare_imports():
    programs = (
        "import sklearn.base, sklearn.pipeline",
        "import skmnist",
        "from skmnist import MNISTClassifier",
    )
    contestants = {code: lambda code=code: child(code)[0] for code in programs}
    return take_medians(interleave(contestants, ROUNDS))


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
    seconds = take_medians(interleave(contestants, ROUNDS))
    peaks = take_medians(megabytes)
    return {name: (seconds[name], peaks[name]) for name in programs}


def measure_sizes(classifier, image, folder):
    size = (folder / "model.onnx").stat().st_size / 1e6
    process = psutil.Process()
    for _ in range(100):
        classifier.predict_proba(image)
    before = process.memory_info().rss
    for _ in range(1000):
        classifier.predict_proba(image)
    growth = (process.memory_info().rss - before) / 1e6
    return {"Saved file": size, "Growth over 1,000 predictions": growth}


if __name__ == "__main__":
    main()
