"""Measure how much the detector and the classifier count, for `class_probabilities.py`.

Run as `python pretraining/measure_classes.py`: it draws pages from the last of MNIST's
training images, half of them stroked with a pen, as the detector knows digits best,
half enlarged, as the classifier does. The test images are left for tests. It prints the
exponents under which the classes of the digits found are the most probable, and how
many are then right. It takes a few minutes.
"""

import numpy as np
from detector.digits import Digits
from detector.hands import EnlargedHand
from detector.page import draw_page
from detector.writing import Material
from scipy.optimize import minimize
from train_detector import make_material

from skmnist import fetch_mnist, load_pretrained
from skmnist._reading.class_probabilities import CLASSIFIER, DETECTOR, combine
from skmnist._reading.cutting import as_rows, cut_digits
from skmnist._reading.detection import N_DIGITS, detect
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import CERTAIN, POSSIBLE
from skmnist._reading.suppression import compare_boxes, keep_likely, merge_scales

# Not a seed of the training, and pages.
_SEED, _N_PAGES = 99, 600
# Of MNIST's training images.
_DIGITS = slice(50_000, 60_000)
# Intersection over union: a box that agrees so far is the digit's.
_AGREES = 0.4


class Handwriting(Material):
    """Digits stroked or enlarged, and no print."""

    def choose_hand(self, rng):
        """Choose who writes the digits."""
        if rng.random() < 0.5:
            return self.choose_pen(rng)
        return EnlargedHand(rng, self.digits)


def make_handwriting():
    """Return what the pages are drawn from."""
    mnist, fonts = fetch_mnist(subset="train"), make_material()
    digits = Digits(mnist.images[_DIGITS], mnist.target[_DIGITS])
    return Handwriting(digits, fonts.printed, fonts.displays, fonts.handwritten)


def main():
    """Print a table."""
    detected, classified, labels = recognize_pages()
    print(f"{len(labels)} digits")

    def lose(weights):
        return score(combine(detected, classified, weights), labels)[0]

    best = minimize(lose, (1.0, 1.0), method="Nelder-Mead").x
    for name, weights in {
        "detector alone": (1, 0),
        "classifier alone": (0, 1),
        "product": (1, 1),
        "used": (DETECTOR, CLASSIFIER),
        "best": tuple(best.round(2)),
    }.items():
        loss, share = score(combine(detected, classified, weights), labels)
        print(f"{name} {weights}: loss {loss:.4f}, {share:.2%} right")


def recognize_pages():
    """Return both networks' probabilities for the digits found, and the labels."""
    material, classifier = make_handwriting(), load_pretrained()
    found = []
    for number in range(_N_PAGES):
        page, boxes, labels = draw_page(material, _SEED, number)
        wide, margin = add_margin(page)
        digits = keep_likely(merge_scales(detect(wide), POSSIBLE), CERTAIN, POSSIBLE)
        is_digit = (labels >= 0) & (labels < N_DIGITS)
        if not len(digits) or not is_digit.any():
            continue
        boxes = boxes[is_digit] + margin
        agreement = compare_boxes(digits.boxes[:, None], boxes[None])[0]
        best = agreement.argmax(axis=1)
        agrees = agreement.max(axis=1) > _AGREES
        drawings = cut_digits(wide, digits.boxes[agrees]).drawings
        own = digits.probabilities[agrees][:, :N_DIGITS]
        found.append((own, as_rows(drawings), labels[is_digit][best[agrees]]))
    detected, rows, labels = map(np.concatenate, zip(*found, strict=True))
    return detected, classifier.predict_proba(rows), labels


def score(probabilities, labels):
    """Return the mean log-loss, and the share of digits that are right."""
    right = probabilities[np.arange(len(labels)), labels]
    loss = -np.log(np.maximum(right, 1e-12)).mean()
    return loss, np.mean(probabilities.argmax(axis=1) == labels)


if __name__ == "__main__":
    main()
