"""Measure how much each network counts, for `recognition.py` and `reader.py`.

Run as `python pretraining/measure_classes.py`: it draws pages from images that the
recognizer was not trained on, half of them stroked with a pen, as the detector knows
digits best, half enlarged, as the classifier does. It prints how much of what was found
is left out, and the exponents under which the classes of the digits are the most
probable. It takes a few minutes.
"""

import numpy as np
from detector.digits import Digits
from detector.hands import EnlargedHand
from detector.marks import IGNORED
from detector.page import draw_page
from detector.writing import Material
from recognizer.examples import NOTHING, name_boxes
from scipy.optimize import minimize
from train_detector import make_material
from train_recognizer import HELD_OUT

from skmnist import fetch_mnist, load_pretrained
from skmnist._reading import reader, recognition
from skmnist._reading.class_probabilities import combine
from skmnist._reading.cutting import as_rows, cut_digits
from skmnist._reading.detection import N_DIGITS, detect
from skmnist._reading.margin import add_margin
from skmnist._reading.orientation import CERTAIN, POSSIBLE
from skmnist._reading.suppression import keep_likely, merge_scales

# Not a seed of the training, and pages.
_SEED, _N_PAGES = 99, 600


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
    digits = Digits(mnist.images[HELD_OUT], mnist.target[HELD_OUT])
    return Handwriting(digits, fonts.printed, fonts.displays, fonts.handwritten)


def main():
    """Print both results."""
    material, found = make_handwriting(), []
    for number in range(_N_PAGES):
        page = look(*draw_page(material, _SEED, number))
        if page is not None:
            found.append(page)
    *networks, labels = map(np.concatenate, zip(*found, strict=True))
    report_left_out(networks[:2], labels)
    is_digit = labels < N_DIGITS
    networks = [p[is_digit, :N_DIGITS] for p in networks]
    report_exponents(networks, labels[is_digit])


def look(page, boxes, labels):
    """Return what three networks say of what is found on a page, and what it is."""
    wide, margin = add_margin(page)
    found = keep_likely(merge_scales(detect(wide), POSSIBLE), CERTAIN, POSSIBLE)
    names = name_boxes(found.boxes - margin, boxes, labels)
    found, names = found.take(names != IGNORED), names[names != IGNORED]
    if not len(names):
        return None
    rows = as_rows(cut_digits(wide, found.boxes).drawings)
    classified = load_pretrained().predict_proba(rows)
    classified[~rows.any(axis=1)] = 1
    return *recognition.look_again(wide, found), classified, names


def report_left_out(probabilities, labels):
    """Print how much is left out of what is no digit, and of what is one."""
    both = combine(probabilities, (recognition.DETECTOR, recognition.RECOGNIZER))
    left_out = both.argmax(axis=1) == NOTHING
    for name, part in (("digits", labels < N_DIGITS), ("others", labels >= N_DIGITS)):
        print(f"{part.sum()} {name}, {np.mean(left_out[part]):.1%} of them left out")


def report_exponents(probabilities, labels):
    """Print the loss and the share of digits that are right, for some exponents."""

    def lose(weights):
        return score(combine(probabilities, weights), labels)[0]

    used = recognition.DETECTOR, recognition.RECOGNIZER, reader.CLASSIFIER
    choices = {
        "detector alone": (1, 0, 0),
        "recognizer alone": (0, 1, 0),
        "classifier alone": (0, 0, 1),
        "product": (1, 1, 1),
    }
    best = minimize(lose, np.ones(3), method="Nelder-Mead").x
    choices |= {"used": used, "best": tuple(best.round(2).tolist())}
    for name, weights in choices.items():
        loss, share = score(combine(probabilities, weights), labels)
        print(f"{name} {weights}: loss {loss:.4f}, {share:.2%} right")


def score(probabilities, labels):
    """Return the mean log-loss, and the share that is right."""
    right = probabilities[np.arange(len(labels)), labels]
    loss = -np.log(np.maximum(right, 1e-12)).mean()
    return loss, np.mean(probabilities.argmax(axis=1) == labels)


if __name__ == "__main__":
    main()
