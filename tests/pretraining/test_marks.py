import pytest

pytest.importorskip("detector.marks", reason="the folder pretraining is not here")

from detector import marks

from skmnist._reading import pyramid


def test_the_reader_looks_for_the_heights_that_are_trained():
    assert (pyramid.SMALLEST, pyramid.LARGEST) == (marks.SMALLEST, marks.LARGEST)


def test_heights_between_two_scales_are_known_on_one():
    assert marks.LARGEST / marks.SMALLEST > pyramid.STEP**2
