"""Saves the pretrained classifiers again, in the form of today's version.

Run `python pretraining/save_again.py` after a change of the form. A file is replaced
only if the probabilities of the test images of MNIST stay the same to the last bit.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from skmnist import MNISTClassifier, fetch_mnist, load_pretrained
from skmnist._data.files import replace_file
from skmnist._estimator import pretrained


def save_again(name, X):
    """Replace the file of a pretrained classifier by one of today's form."""
    classifier = load_pretrained(name)
    path = Path(pretrained.__file__).parents[1] / "pretrained" / f"{name}.onnx"
    with TemporaryDirectory() as folder:
        new = Path(folder, path.name)
        classifier.save(new)
        expected = classifier.predict_proba(X)
        np.testing.assert_array_equal(
            MNISTClassifier.load(new).predict_proba(X), expected
        )
        replace_file(path, new.read_bytes())


def main():
    """Replace all of them."""
    X, _ = fetch_mnist(subset="test", return_X_y=True)
    for name in pretrained.NAMES:
        save_again(name, X)


if __name__ == "__main__":
    main()
