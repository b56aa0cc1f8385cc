"""DemoReader: what the networks find in a picture, as the demo's page shows it."""

import io
from base64 import b64encode
from itertools import islice
from threading import Lock

import numpy as np
from PIL import Image

from skmnist import DigitNormalizer, load_pretrained
from skmnist._cli.pictures import make_reader
from skmnist._data.printable import printable

# Drawings and pictures are read in full. A drawing that is not finished is live: it is
# taken for one digit, which is twice as fast.
KINDS = ("live", "drawing", "picture")

# Pages: what a person looks through on a screen.
_MOST_PAGES = 20
# Pixels: long side of a stage, twice the size that it is shown in, for fine screens.
_STAGE_SIDE = 224
# From 0 to 100: no loss can be seen in photographs of paper.
_JPEG_QUALITY = 85


class DemoReader:
    """Reads the pictures that the demo's page sends; any number at the same time.

    Parameters
    ----------
    classifier : MNISTClassifier, default=None
        Fitted on images of 28 x 28 pixels. None uses the networks that come with the
        package.
    name : str, default=None
        The name of its file.
    """

    def __init__(self, classifier=None, name=None):
        self._reader = make_reader(classifier)
        self._classifier = load_pretrained() if classifier is None else classifier
        self._normalizer = DigitNormalizer()
        self._pages = Lock()
        self._name = None if name is None else printable(name)

    def describe(self):
        """Return the network's classes and the name of its file.

        Returns
        -------
        dict
            With "classes", a list of str, and "model", a str or None.
        """
        classes = [printable(label) for label in self._classifier.classes_.tolist()]
        return {"classes": classes, "model": self._name}

    def warm_up(self):
        """Read a small picture, so that all networks are loaded."""
        picture = np.full((64, 64), 255, np.uint8)
        picture[16:48, 30:34] = 0
        self._find_digit(picture)
        self._reader.read(picture)

    def read(self, content, name="picture", kind="picture", is_wanted=lambda: True):
        """Read the digits in a picture.

        Parameters
        ----------
        content : bytes
            Of a file in any format that Pillow reads.
        name : str, default="picture"
            The name of the file, for errors.
        kind : {"live", "drawing", "picture"}, default="picture"
            "live" only looks for one digit. Pictures, which may be large, are read one
            at a time.
        is_wanted : callable, default=lambda: True
            Asked before each page: whether somebody still waits for the answer.

        Returns
        -------
        dict
            For JSON. "pages" lists what is on each page, and is empty for "live";
            "digit" describes the only digit of the picture, or is None; "more" says
            whether there are further pages.

        Raises
        ------
        ValueError
            If the picture cannot be read.
        """
        file = io.BytesIO(content)
        file.name = printable(name)
        if kind == "live":
            digit = self._find_digit(file)
            if digit is not None:
                return {"pages": [], "digit": digit, "more": False}
        if kind != "picture":
            return self._read_pages(file, is_wanted, with_picture=False)
        with self._pages:
            return self._read_pages(file, is_wanted, with_picture=True)

    def _read_pages(self, file, is_wanted, with_picture):
        pages, more = [], False
        if is_wanted():
            readings = self._reader.read_pages(file)
            for reading in islice(readings, _MOST_PAGES):
                pages.append(_describe_page(reading, with_picture))
                if not is_wanted():
                    break
            else:
                more = next(readings, None) is not None
        is_single = len(pages) == 1 and len(pages[0]["digits"]) <= 1
        digit = self._find_digit(file) if is_single else None
        return {"pages": pages, "digit": digit, "more": more}

    def _find_digit(self, picture):
        """Describe the one digit of a picture; None if it shows none."""
        try:
            stages = self._normalizer.explain(picture)
        except ValueError:  # `read` has opened the picture, or will do so
            return None
        row = stages.result.reshape(1, -1)
        probabilities = self._classifier.predict_proba(row)[0]
        return {
            "probabilities": probabilities.tolist(),
            "stages": {
                "picture": _as_url(_shrink(255 * stages.picture)),
                "ink": _as_url(_shrink(255 * stages.ink)),
                "digit": _as_url(_shrink(255 * stages.digit)),
                "result": _as_url(stages.result),
            },
        }


def _describe_page(reading, with_picture):
    """Return what a Reading says as plain values."""
    height, width = reading.size
    picture = _as_url(255 * reading.picture, "JPEG") if with_picture else None
    return {
        "width": width,
        "height": height,
        "turned": reading.turned,
        "picture": picture,
        "rows": [[printable(number.text) for number in row] for row in reading.rows],
        "digits": [
            {
                "label": printable(digit.label),
                "probability": digit.probability,
                "box": digit.box,
                "certain": digit.certain,
                "number": i,
            }
            for i, number in enumerate(reading.numbers)
            for digit in number.digits
        ],
    }


def _shrink(image):
    scale = min(1, _STAGE_SIDE / max(image.shape))
    size = [max(round(scale * side), 1) for side in image.shape[::-1]]
    picture = Image.fromarray(np.clip(np.rint(image), 0, 255).astype(np.uint8))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def _as_url(image, form="PNG"):
    """Return grey levels from 0 to 255 as a data URL."""
    content = io.BytesIO()
    levels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    options = {"quality": _JPEG_QUALITY} if form == "JPEG" else {}
    Image.fromarray(levels).save(content, form, **options)
    return f"data:image/{form.lower()};base64,{b64encode(content.getvalue()).decode()}"
