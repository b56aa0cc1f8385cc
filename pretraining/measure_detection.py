"""Measure the probabilities from which digits are kept, for `orientation.py`.

Run as `python pretraining/measure_detection.py`: it draws pages as for the detector's
training, with other seeds, and prints the F1 score of the digits that are kept for
several pairs of probabilities; then, of pages with some digits, how certain the digits
are on average, upright and turned. It takes a few minutes.
"""

import numpy as np
from detector.marks import IGNORED
from detector.page import draw_page
from train_detector import make_material

from skmnist._reading.detection import detect
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import CERTAIN, POSSIBLE
from skmnist._reading.suppression import compare_boxes, keep_likely, merge_scales

# Not a seed of the training, and pages.
_SEED, _N_PAGES = 99, 300
_CERTAIN = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_POSSIBLE = (0.15, 0.2, 0.25, 0.3, 0.35)
# Intersection over union: a box that agrees so far is the digit's.
_AGREES = 0.4
_SOME = 3  # digits: fewer say little about a page


def main():
    """Print both tables."""
    material = make_material()
    drawn = [draw_page(material, _SEED, number) for number in range(_N_PAGES)]
    pages = [find(page) for page, _, _ in drawn]
    for certain in _CERTAIN:
        for possible in _POSSIBLE:
            if possible <= certain:
                counts = [
                    compare(keep_likely(found, certain, possible), margin, *truth)
                    for (found, margin), (_, *truth) in zip(pages, drawn, strict=True)
                ]
                right, kept, wanted = np.sum(counts, axis=0)
                score = 2 * right / (kept + wanted)
                print(f"certain {certain}, possible {possible}: F1 {score:.3f}")
    for n_turns in (0, 1, 2):
        turned = [find(np.rot90(page, n_turns).copy()) for page, _, _ in drawn]
        report_certainty(n_turns, [found for found, _ in turned])


def find(page):
    """Return all that may be a digit on a page, and the margin that was added."""
    wide, margin = add_margin(page)
    return merge_scales(detect(wide), min(_POSSIBLE)), margin


def compare(found, margin, boxes, labels):
    """Return how many digits are right, how many were kept, and how many there are."""
    is_digit = (labels >= 0) & (labels < 10)
    if not len(found):
        return 0, 0, is_digit.sum()
    shifted = found.boxes - margin
    agreement = compare_boxes(shifted[:, None], boxes[None])[0]
    right = (agreement[:, is_digit] > _AGREES).any(axis=0).sum()
    # What is cut by the border, or cannot be told, is neither right nor wrong.
    centres = (shifted[:, :2] + shifted[:, 2:]) / 2
    ignored = boxes[labels == IGNORED]
    lies_in = (centres[:, None] > ignored[:, :2]) & (centres[:, None] < ignored[:, 2:])
    agrees = (agreement[:, is_digit] > _AGREES).any(axis=1)
    counts = agrees | ~lies_in.all(axis=2).any(axis=1)
    return right, counts.sum(), is_digit.sum()


def report_certainty(n_turns, pages):
    """Print how certain the digits of pages are on average, in quantiles."""
    kept = [keep_likely(found, CERTAIN, POSSIBLE).certainties for found in pages]
    means = [certainties.mean() for certainties in kept if len(certainties) >= _SOME]
    quantiles = np.quantile(means, [0.05, 0.25, 0.5, 0.75, 0.95]).round(2)
    print(f"turned by {90 * n_turns}: {len(means)} pages, mean certainty {quantiles}")


if __name__ == "__main__":
    main()
