"""The scripts that train the networks are beside the package, not in it."""

import sys
from pathlib import Path

import matplotlib
import pytest

from skmnist import load_digits28

SCRIPTS = Path(__file__).parents[2] / "pretraining"
sys.path.insert(0, str(SCRIPTS))


@pytest.fixture(scope="session")
def material():
    """Little to draw pages from: some digits, and a font that matplotlib brings."""
    detector = pytest.importorskip(
        "detector", reason="the folder pretraining is not beside the tests"
    )
    assert detector.__file__.startswith(str(SCRIPTS))
    from detector.digits import Digits
    from detector.fonts import Face
    from detector.writing import Material

    digits = load_digits28()
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    faces = [Face(str(font))]
    some = Digits(digits.images[:300], digits.target[:300])
    return Material(some, faces, faces, faces)
