"""Numbers as text, and texts on a line."""

from dataclasses import dataclass

import numpy as np

from detector.canvas import SIDE
from detector.digits import Manner
from detector.hands import DotHand, EnlargedHand, PenHand, PrintHand
from detector.marks import is_word, label_of


class Material:
    """Everything that pages are written with.

    Parameters
    ----------
    digits : Digits
        MNIST's.
    printed, displays, handwritten : list of Face
        Fonts.
    """

    def __init__(self, digits, printed, displays, handwritten):
        self.digits = digits
        self.printed, self.displays = printed, displays
        self.handwritten = handwritten

    def choose_hand(self, rng):
        """Choose who writes the digits: mostly a pen."""
        kind = rng.random()
        if kind < 0.62:
            return self.choose_pen(rng, takes_digits=rng.random() < 0.12)
        if kind < 0.76:
            return EnlargedHand(rng, self.digits)
        return self.choose_print(rng)

    def choose_pen(self, rng, takes_digits=False):
        """Choose a pen and a hand."""
        face = _pick(rng, self.handwritten)
        return PenHand(rng, self.digits, face, Manner(rng), takes_digits)

    def choose_print(self, rng):
        """Choose a font, now and then that of a display."""
        kind = rng.random()
        if kind < 0.08:
            return DotHand(rng)
        if kind < 0.2:
            return PrintHand(_pick(rng, self.displays))
        return self.choose_font(rng)

    def choose_font(self, rng):
        """Choose a font that has letters."""
        return PrintHand(_pick(rng, self.printed))

    def choose_letters(self, rng):
        """Choose who writes letters."""
        if rng.random() < 0.5:
            return self.choose_pen(rng, takes_digits=True)
        return self.choose_font(rng)


@dataclass
class Style:
    """How a text is written.

    Parameters
    ----------
    height : float
        Of its digits, pixels.
    gap : float
        From one character to the next, in heights; below 0 they overlap.
    slant : float
        How far a digit's top is moved to the right, in heights.
    stretch : float
        How wide a digit is, of its own width.
    slope : float
        How far the line falls for each pixel to the right.
    unrest : float
        How much characters differ in height and place.
    """

    height: float
    gap: float = 0.1
    slant: float = 0.0
    stretch: float = 1.0
    slope: float = 0.0
    unrest: float = 0.0


def choose_style(rng, height, hand, slope=0.0):
    """Choose how a hand writes.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws it.
    height : float
        Of the digits, pixels.
    hand : PenHand, EnlargedHand, PrintHand or DotHand
        Prints stand upright.
    slope : float
        Of the page's lines.

    Returns
    -------
    Style
        Digits may overlap or stand far apart.
    """
    if hand.is_print:
        gap = rng.uniform(0, 0.12) if rng.random() < 0.85 else rng.uniform(0.12, 1)
        stretch = 1.0 if rng.random() < 0.8 else rng.uniform(0.75, 1.3)
        if abs(slope) < 0.03 and rng.random() < 0.5:
            slope = 0.0
        return Style(height, gap, 0.0, stretch, slope)
    kind = rng.random()
    if kind < 0.3:
        gap = rng.uniform(-0.16, 0.02)
    elif kind < 0.67:
        gap = rng.uniform(0.02, 0.3)
    elif kind < 0.85:
        gap = rng.uniform(0.3, 0.8)
    else:
        gap = rng.uniform(0.8, 2)
    return Style(
        height,
        gap,
        slant=rng.normal(0.12, 0.2),
        stretch=np.exp(rng.normal(0, 0.13)),
        slope=slope + rng.normal(0, 0.02),
        unrest=rng.uniform(0.02, 0.1),
    )


def write(canvas, rng, hand, text, place, style, ink, is_in_text=False):
    """Write a text on a line.

    Parameters
    ----------
    canvas : Canvas
        Where.
    rng : numpy.random.Generator
        Draws what differs from one character to the next.
    hand : PenHand, EnlargedHand, PrintHand or DotHand
        Who writes.
    text : str
        What is written.
    place : tuple of float
        x and y where the line begins, pixels.
    style : Style
        How it is written.
    ink : Ink
        With what.
    is_in_text : bool, default=False
        Whether words stand around it, so that no letter can be taken for a digit.

    Returns
    -------
    float
        x where the text ends.
    """
    x, start = place[0], place
    height = style.height
    is_in_word = is_in_text or is_word(text)
    for character in text:
        if character == " ":
            x += height * (0.45 + max(style.gap, 0.15) + rng.uniform(0, 0.4))
            continue
        if x > SIDE + height:
            break
        frame = _make_frame(rng, style)
        high = height * np.exp(rng.normal(0, style.unrest))
        glyph = hand.draw(rng, character, high, frame)
        if glyph is None:
            continue
        y = start[1] + style.slope * (x - start[0])
        y += rng.normal(0, 0.6 * style.unrest) * height
        label = label_of(character, height, is_in_word)
        canvas.put(glyph, round(x), round(y), ink, label)
        x += glyph.advance + height * (style.gap + rng.normal(0, 0.4 * style.unrest))
    return x


def compose_number(rng, characters):
    """Compose a number as people write them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws it.
    characters : str
        What the hand can write.

    Returns
    -------
    str
        Digits; now and then with a minus, a point, a comma, a slash or a colon.
    """
    kind = rng.random()
    if kind < 0.69:
        text = _draw_digits(rng, 1, 9)
    elif kind < 0.74:
        text = "-" + _draw_digits(rng, 1, 5)
    elif kind < 0.87:
        point = rng.choice([".", ","])
        text = _draw_digits(rng, 1, 5) + point + _draw_digits(rng, 1, 3)
        text = "-" + text if rng.random() < 0.25 else text
    elif kind < 0.9:
        text = "/".join(_draw_digits(rng, 1, 4) for _ in range(rng.integers(2, 4)))
    elif kind < 0.94:
        text = ":".join(_draw_digits(rng, 1, 3) for _ in range(rng.integers(2, 4)))
    else:
        sign = rng.choice(["-", "."])
        text = sign.join(_draw_digits(rng, 1, 4) for _ in range(rng.integers(2, 4)))
    return "".join(c for c in text if c in characters)


def compose_word(rng):
    """Compose letters, at times with a capital or a sign; no digits."""
    letters = list("aaeehiikllmnnoorrsttuvwxyzbcdfgjpq")
    word = "".join(rng.choice(letters, rng.integers(1, 9)))
    kind = rng.random()
    if kind < 0.3:
        return word.capitalize()
    if kind < 0.45:
        return word.upper()
    if kind < 0.55:
        return word + str(rng.choice(list("%&#@+=?*")))
    return word


def _draw_digits(rng, least, most):
    n_digits = int(rng.integers(least, most + 1))
    digits = rng.integers(0, 10, n_digits)
    if rng.random() < 0.1:  # many numbers are round, or the same digit
        digits[1:] = digits[0] if rng.random() < 0.5 else 0
    return "".join(map(str, digits))


def _make_frame(rng, style):
    """Return what slants, stretches and turns a character."""
    angle = np.arctan(style.slope) + rng.normal(0, 0.7 * style.unrest)
    cosine, sine = np.cos(angle), np.sin(angle)
    slant = style.slant + rng.normal(0, 0.6 * style.unrest)
    stretch = style.stretch * np.exp(rng.normal(0, 0.8 * style.unrest))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return turn @ np.array([[stretch, -slant], [0.0, 1.0]])


def _pick(rng, choices):
    return choices[int(rng.integers(len(choices)))]
