"""Measure from when a sign is one, for `text_lines.py` and `detection.py`.

Run as `python pretraining/measure_signs.py`: it draws pages as for the detector's
training, with other seeds, and prints the F1 score of the signs that are kept beside
digits for several probabilities; then that of signs and of digits for several ratios by
which a slash must be likelier than a one. It takes a few minutes.
"""

import numpy as np
from detector.marks import CLASSES, IGNORED
from detector.page import draw_page
from measure_detection import compare as compare_digits
from train_detector import make_material

from skmnist._reading import detection, text_lines
from skmnist._reading.detection import N_DIGITS, get_classes
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import find_digits

# Not a seed of the training, and pages.
_SEED, _N_PAGES = 99, 600
_LEAST = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
_RATIOS = (0.0, 1.0, 1.5, 2.0, 3.0, 5.0)
# Heights of a sign's digits: centres that are closer are of one sign.
_NEAR = 0.25


def main():
    """Print a table."""
    material = make_material()
    drawn = [draw_page(material, _SEED, number) for number in range(_N_PAGES)]
    sheets = look(drawn)
    usual = text_lines._LEAST_SIGN
    for least in _LEAST:
        text_lines._LEAST_SIGN = least
        print(f"{least}: {rate(compare, sheets, drawn)}")
    text_lines._LEAST_SIGN = usual
    for ratio in _RATIOS:
        detection._SLASH_OVER_ONE = ratio
        sheets = look(drawn)
        digits = [(sheet.digits, margin) for sheet, margin in sheets]
        print(f"slash over one {ratio}, signs: {rate(compare, sheets, drawn)}")
        print(f"slash over one {ratio}, digits: {rate(compare_digits, digits, drawn)}")


def look(drawn):
    """Return what is found on the pages, and the margins that were added."""
    sheets = []
    for page, *_ in drawn:
        wide, margin = add_margin(page)
        sheets.append((find_digits(wide, "upright"), margin))
    return sheets


def rate(count, found, drawn):
    """Return the F1 score and its parts, as text."""
    counts = [count(*f, *truth) for f, (_, *truth) in zip(found, drawn, strict=True)]
    right, kept, wanted = np.sum(counts, axis=0)
    score = 2 * right / (kept + wanted)
    return f"F1 {score:.4f}, {right} right of {kept}, {wanted} wanted"


def compare(sheet, margin, boxes, labels):
    """Return how many signs are right, how many were kept, and how many there are."""
    lines = text_lines.find_lines(sheet.digits, sheet.levels, get_classes())
    signs = [c for line in lines for number in line for c in number if c.sign]
    wanted = labels >= N_DIGITS
    centres, right, kept = (boxes[:, :2] + boxes[:, 2:]) / 2, 0, 0
    height = np.median(sheet.digits.heights) if len(sheet.digits) else 1
    for sign in signs:
        centre = (sign.box[:2] + sign.box[2:]) / 2 - margin
        is_near = np.abs(centres - centre).max(axis=1) < _NEAR * height
        is_own = is_near & (labels == CLASSES.index(sign.sign))
        right += is_own.any()
        # What is cut by the border, or cannot be told, is neither right nor wrong.
        kept += is_own.any() or not (is_near & (labels == IGNORED)).any()
    return right, kept, wanted.sum()


if __name__ == "__main__":
    main()
