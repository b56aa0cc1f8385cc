"""Pictures of printed numbers: meters, displays, price labels, signs and plates.

They are drawn large and with sharp edges; `photograph` makes pictures of them. All
print is in Pillow's own font, which no network was trained on; the digits of displays
are drawn here.
"""

import io
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HEIGHT = 96  # pixels: of a digit as it is drawn
FONT = "Aileron, the font in Pillow"
# Height of a digit of Pillow's font, as a share of the font's size.
_CAPITAL = 0.715
# Segments of a display, from the top clockwise, then the middle: which are lit.
_LIT = "1111110 0110000 1101101 1111001 0110011 1011011 1011111 1110000 1111111 1111011"
# Corners of each segment's middle line, in widths and half heights of a digit.
_SEGMENTS = (
    ((0, 0), (1, 0)),
    ((1, 0), (1, 1)),
    ((1, 1), (1, 2)),
    ((0, 2), (1, 2)),
    ((0, 1), (0, 2)),
    ((0, 0), (0, 1)),
    ((0, 1), (1, 1)),
)
_PLATE = (245, 245, 240), (20, 20, 20)  # colours of its ground and its print
LIMITS = [str(speed) for speed in range(20, 140, 10)]  # km/h
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # of plates: without I, O and Q


def draw_meter(rng):
    """Draw the six wheels of a meter: white digits on black, the last one on red."""
    text = _invent(rng, 6)
    pitch, tall = round(0.95 * HEIGHT), round(1.6 * HEIGHT)
    picture = Image.new("RGB", (6 * pitch + HEIGHT, tall + HEIGHT), (190, 190, 185))
    draw = ImageDraw.Draw(picture)
    for i, digit in enumerate(text):
        left, top = HEIGHT // 2 + i * pitch, HEIGHT // 2
        wheel = (150, 25, 25) if i == 5 else (25, 25, 25)
        draw.rectangle((left + 3, top, left + pitch - 3, top + tall), wheel)
        # A wheel stops a little before the middle of its window or after it.
        y = top + tall / 2 + rng.uniform(-0.08, 0.08) * HEIGHT
        _write(draw, (left + pitch / 2, y), digit, (240, 240, 235))
    return picture, text


def draw_display(rng):
    """Draw a display of seven segments: dark on grey, or red on black."""
    text = _invent(rng, 4)
    is_bright = rng.random() < 0.5
    paper, ink = (
        ((25, 15, 15), (250, 60, 40)) if is_bright else ((165, 175, 155), (30,) * 3)
    )
    ghost = tuple(round(0.94 * p + 0.06 * i) for p, i in zip(paper, ink, strict=True))
    pitch, left = 0.85 * HEIGHT, 0.7 * HEIGHT
    picture = Image.new("RGB", (round(4 * pitch + HEIGHT), 2 * HEIGHT), paper)
    draw = ImageDraw.Draw(picture)
    for digit in text:
        for lit, ends in zip(_LIT.split()[int(digit)], _SEGMENTS, strict=True):
            _draw_segment(draw, left, ends, ink if lit == "1" else ghost)
        left += pitch
    return picture, text


def draw_price(rng):
    """Draw a price label: dark print on white, yellow or red."""
    text = f"{rng.integers(1, 100)}.{rng.integers(100):02}"
    paper, ink = [
        ((245, 245, 240), (20, 20, 20)),
        ((250, 220, 60), (20, 20, 20)),
        ((190, 20, 30), (250, 250, 250)),
    ][rng.integers(3)]
    return _print_on_board(text, paper, ink), text


def draw_sign(rng):
    """Draw a speed limit: a disc with a red ring."""
    text = str(rng.choice(LIMITS))
    side = round(4 * HEIGHT)
    picture = Image.new("RGB", (side, side), tuple(rng.integers(60, 200, 3).tolist()))
    draw = ImageDraw.Draw(picture)
    edge = 0.1 * HEIGHT
    draw.ellipse((edge, edge, side - edge, side - edge), (190, 20, 30))
    edge = 0.55 * HEIGHT
    draw.ellipse((edge, edge, side - edge, side - edge), (245, 245, 245))
    _write(draw, (side / 2, side / 2), text, (15, 15, 15))
    return picture, text


def draw_plate(rng):
    """Draw a plate of six digits, framed."""
    text = _invent(rng, 6)
    board = _print_on_board(f"{text[:3]} {text[3:]}", *_PLATE)
    return _frame(board), text


def draw_plate_with_letters(rng):
    """Draw a plate of two letters and four digits, which are its text."""
    letters = "".join(rng.choice([*_LETTERS], 2))
    text = _invent(rng, 4)
    board = _print_on_board(f"{letters} {text}", *_PLATE)
    return _frame(board), text


class Kind(NamedTuple):
    """A kind of printed number."""

    draw: Callable  # of a Generator: returns a picture and the text in it
    form: str  # regular expression that its text matches, without spaces


KINDS = {
    "meter": Kind(draw_meter, r"^\d{6}$"),
    "display": Kind(draw_display, r"^\d{4}$"),
    "price label": Kind(draw_price, r"^\d{1,2}\.\d\d$"),
    "speed sign": Kind(draw_sign, f"^({'|'.join(LIMITS)})$"),
    "plate": Kind(draw_plate, r"^\d{6}$"),
    # Letters may be read as digits, so its digits are the last ones.
    "plate with letters": Kind(draw_plate_with_letters, r"\d{4}$"),
}


def photograph(picture, rng, *, height=32, blur=0.0, angle=0, white=235, noise=2):
    """Make a photograph of a drawn picture.

    Parameters
    ----------
    picture : PIL image
        With digits that are HEIGHT pixels high.
    rng : numpy.random.Generator
        Draws a small tilt, the brightness and the noise.
    height : float
        Of a digit in the photograph, pixels.
    blur : float
        Standard deviation of the blur, in heights of a digit.
    angle : float
        Degrees between the picture's plane and the camera's.
    white : float
        Grey level of what is white, which falls where there is less light.
    noise : float
        Its standard deviation, grey levels.

    Returns
    -------
    ndarray of shape (h, w, 3), uint8
        As decoded from a JPEG file.
    """
    seen = _look_from_side(picture, angle * rng.choice([-1, 1]), rng.uniform(-2, 2))
    seen = seen.filter(ImageFilter.GaussianBlur(blur * HEIGHT))
    size = [max(round(side * height / HEIGHT), 4) for side in seen.size]
    levels = np.asarray(seen.resize(size, Image.Resampling.BOX), float)
    levels = levels * (white / 245) + rng.normal(0, noise, levels.shape)
    file = io.BytesIO()
    Image.fromarray(np.uint8(np.clip(levels, 0, 255))).save(file, "JPEG", quality=85)
    return np.asarray(Image.open(file))


def _invent(rng, n_digits):
    return "".join(map(str, rng.integers(10, size=n_digits)))


def _write(draw, place, text, fill):
    draw.text(place, text, fill, _load_font(), anchor="mm")


@lru_cache(1)
def _load_font():
    return ImageFont.load_default(HEIGHT / _CAPITAL)


def _draw_segment(draw, left, ends, fill):
    # Digits of displays lean to the right.
    x, y = np.array(ends, float).T * [[0.5 * HEIGHT], [0.5 * HEIGHT]]
    x += left + 0.1 * (HEIGHT - y)
    y += 0.5 * HEIGHT
    # Segments do not touch.
    step = np.array([x[1] - x[0], y[1] - y[0]]) * 0.06
    points = (x[0] + step[0], y[0] + step[1], x[1] - step[0], y[1] - step[1])
    draw.line(points, fill, round(0.11 * HEIGHT))


def _print_on_board(text, paper, ink):
    size = round(_load_font().getlength(text) + 1.4 * HEIGHT), 2 * HEIGHT
    board = Image.new("RGB", size, paper)
    _write(ImageDraw.Draw(board), (size[0] / 2, size[1] / 2), text, ink)
    return board


def _frame(board):
    """Return a board with a black frame, on a grey car."""
    width, height = board.size
    edge, line = 0.12 * HEIGHT, round(0.06 * HEIGHT)
    box = (edge, edge, width - edge, height - edge)
    ImageDraw.Draw(board).rounded_rectangle(box, edge, None, (20, 20, 20), line)
    around = Image.new("RGB", (width + HEIGHT, height + HEIGHT), (90, 95, 100))
    around.paste(board, (HEIGHT // 2, HEIGHT // 2))
    return around


def _look_from_side(picture, angle, tilt):
    """Return a picture turned about its vertical axis, and a little in its plane."""
    picture = picture.rotate(
        tilt, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((0, 0))
    )
    if not angle:
        return picture
    width, height = picture.size
    turn = np.deg2rad(angle)
    far = 3 * width  # from the camera
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * [width / 2, height / 2]
    depth = 1 + corners[:, 0] * np.sin(turn) / far
    seen = corners * [np.cos(turn), 1] / depth[:, None]
    seen -= seen.min(axis=0)
    size = tuple(np.ceil(seen.max(axis=0)).astype(int))
    corners += [width / 2, height / 2]
    terms = _solve(seen, corners)
    return picture.transform(
        size,
        Image.Transform.PERSPECTIVE,
        terms,
        Image.Resampling.BICUBIC,
        fillcolor=picture.getpixel((0, 0)),
    )


def _solve(sources, goals):
    """Return the eight terms of the projective map between two sets of four points."""
    rows, right = [], []
    for (x, y), (u, v) in zip(sources, goals, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.linalg.solve(rows, right).tolist()
