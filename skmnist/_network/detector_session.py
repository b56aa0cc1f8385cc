"""DetectorSession: runs the network that finds digits on pages."""

from pathlib import Path

import numpy as np

from skmnist._network.onnx_session import open_session

PATH = Path(__file__).parents[1] / "pretrained" / "detector.onnx"


class DetectorSession:
    """Runs a detector: one pass over a page at one scale.

    Parameters
    ----------
    path : path, default=PATH
        The network; `pretraining/detector/export.py` describes its inputs and outputs.

    Attributes
    ----------
    classes : str
        A character for each class: the digits, then the signs between them.
    stride : int
        Pixels of the page for each row and column of the answer.
    """

    def __init__(self, path=PATH):
        # Memory that is kept for the next page would be kept for the largest one.
        self._session = open_session(Path(path).read_bytes(), keeps_memory=True)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.classes, self.stride = metadata["classes"], int(metadata["stride"])

    def run(self, page):
        """Look at a page.

        Parameters
        ----------
        page : ndarray of shape (height, width), uint8
            Grey levels.

        Returns
        -------
        heat : ndarray of shape (n_classes, n_rows, n_columns), float32
            Probability that something of a class has its centre in a cell.
        boxes : ndarray of shape (4, n_rows, n_columns), float32
            x and y of that thing's centre, its width and its height, in pixels.
        """
        outputs = ["heat", "size", "offset"]
        heat, size, offset = self._session.run(outputs, {"pages": page[None, None]})
        n_rows, n_columns = heat.shape[2:]
        x = self.stride * (offset[0, 0] + np.arange(n_columns) + 0.5)
        y = self.stride * (offset[0, 1] + np.arange(n_rows)[:, None] + 0.5)
        return heat[0], np.stack([x, y, *np.exp(size[0])]).astype(np.float32)
