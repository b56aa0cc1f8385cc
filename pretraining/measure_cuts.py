"""Measure how well digits are cut out of pages, for the numbers in `cutting.py`.

Run as `python pretraining/measure_cuts.py`: it draws pages as for the detector's
training, with other seeds, moves the boxes as far as the detector errs, and prints how
many digits the pretrained network recognises in the cuts, for several values of each
number. It takes a minute or two.
"""

import numpy as np
from detector.page import draw_page
from train_detector import make_material

from skmnist import load_pretrained
from skmnist._reading import cutting

# Not a seed of the training, and pages.
_SEED, _N_PAGES = 99, 220
# Heights: standard deviation of the edges of the detector's boxes.
_ERROR = 0.04
_VALUES = {
    "_SMOOTHING": (0.3, 0.5, 0.7, 1.0, 1.4),
    "_RING": (2, 4, 6, 9, 12),
    "_SLACK": (0.0, 0.03, 0.08, 0.15),
    "_DIGIT": (34, 40, 46),
}


def main():
    """Print a table."""
    pages, labels = draw_pages()
    classifier = load_pretrained()
    print(f"{len(labels)} digits")
    for name, values in _VALUES.items():
        default = getattr(cutting, name)
        for value in values:
            setattr(cutting, name, value)
            share, loss = score(classifier, pages, labels)
            mark = " (used)" if value == default else ""
            print(f"{name} {value}: {share:.1%} right, loss {loss:.3f}{mark}")
        setattr(cutting, name, default)


def draw_pages():
    """Return pairs of a page and its digits' boxes, and the digits."""
    material, rng = make_material(), np.random.default_rng(0)
    pages, labels = [], []
    for number in range(_N_PAGES):
        page, boxes, kinds = draw_page(material, _SEED, number)
        is_digit = (kinds >= 0) & (kinds < 10)
        boxes, kinds = boxes[is_digit], kinds[is_digit]
        heights = boxes[:, 3:] - boxes[:, 1:2]
        pages.append((page, boxes + rng.normal(0, _ERROR, boxes.shape) * heights))
        labels.append(kinds)
    return pages, np.concatenate(labels)


def score(classifier, pages, labels):
    """Return the share of digits recognised, and the mean log-loss."""
    drawings = [cutting.cut_digits(page, boxes).drawings for page, boxes in pages]
    rows = np.concatenate([cutting.as_rows(each) for each in drawings])
    probabilities = classifier.predict_proba(rows)
    right = probabilities[np.arange(len(labels)), labels]
    share = np.mean(probabilities.argmax(axis=1) == labels)
    return share, -np.log(np.maximum(right, 1e-3)).mean()


if __name__ == "__main__":
    main()
