"""RecognizerSession: runs the network that says what was detected."""

from pathlib import Path

from skmnist._network.onnx_session import open_session

PATH = Path(__file__).parents[1] / "pretrained" / "recognizer.onnx"


class RecognizerSession:
    """Runs a recognizer.

    Parameters
    ----------
    path : path, default=PATH
        The network; `pretraining/recognizer/export.py` describes its input and output.
    """

    def __init__(self, path=PATH):
        self._session = open_session(Path(path).read_bytes())

    def run(self, windows):
        """Look at windows.

        Parameters
        ----------
        windows : ndarray of shape (n, side, side), uint8
            Grey levels, what is asked about in the middle.

        Returns
        -------
        ndarray of shape (n, n_classes + 1), float32
            Probabilities: of the detector's classes, and of nothing.
        """
        return self._session.run(None, {"windows": windows[:, None]})[0]
