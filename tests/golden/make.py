"""Make the golden file: what this version saves, for every later one to load.

Run as `python -m tests.golden.make`, once for each format of the file: what is there is
never made again.
"""

from pathlib import Path

import numpy as np

from skmnist import MNISTClassifier, load_digits28
from skmnist._estimator.metadata import FORMAT

FOLDER = Path(__file__).parent


def main():
    """Train a small network, and write it and its predictions."""
    path = FOLDER / f"format_{FORMAT}.onnx"
    if path.exists():
        raise FileExistsError(f"{path} must stay as it is.")
    X, y = load_digits28(return_X_y=True)
    names = np.array([f"digit {i}" for i in range(10)])
    classifier = MNISTClassifier(
        hidden_layer_sizes=(16,),
        network="conv",
        filters=(4, 6),
        learning_rate=0.01,
        epochs=3,
        calibrate=True,
        random_state=0,
    )
    classifier.fit(X.reshape(-1, 28, 28), names[y])
    classifier.save(path)
    # The pictures too: a later version may draw them otherwise.
    np.savez_compressed(
        path.with_suffix(".npz"),
        X=X[:20],
        labels=classifier.predict(X[:20]),
        probabilities=classifier.predict_proba(X[:20]),
        loss=classifier.history_["loss"],
    )


if __name__ == "__main__":
    main()
