"""Draw the pictures of the documentation from the sample pages.

`python docs/draw_pictures.py` draws the pictures in `_static/`, which the README shows.
Building the site draws the others, in `_generated/`.
"""

import sys
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure  # noqa: TID253 a script
from matplotlib.patches import Rectangle  # noqa: TID253
from PIL import Image

from skmnist import (
    DigitNormalizer,
    MNISTClassifier,
    NumberReader,
    TrainingHistoryDisplay,
    load_digits28,
    load_pretrained,
    load_sample_pages,
)
from skmnist._network.detector_session import DetectorSession
from skmnist._pictures.loading import load_page
from skmnist._reading.detection import detect
from skmnist._reading.pyramid import make_levels

DOCS = Path(__file__).parent
PAGES = {path.stem: path for path in load_sample_pages().pages}
# Okabe and Ito's colours.
COLORS = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
DPI = 120


def draw_page_read():
    """Draw a page with a box around each digit, and beside it the numbers."""
    path = PAGES["account"]
    reading = NumberReader().read(path)
    page = Image.open(path).convert("RGB")
    figure, (left, right) = _make_figure(7.4, 4.2, 1, 2, width_ratios=(2.2, 1))
    left.imshow(page)
    left.set_ylim(745, 25)  # without the empty lines below
    for digit in reading.digits:
        _draw_box(left, digit.box, COLORS[1])
    right.set(xlim=(0, 1), ylim=left.get_ylim(), facecolor="#f2f5f8")
    style = {"family": "monospace", "fontsize": 15, "ha": "right", "va": "center"}
    for number in reading.numbers:
        middle = (number.box[1] + number.box[3]) / 2
        right.text(0.8, middle, number.text, **style, color=COLORS[0])
    return figure


def draw_sample_pages():
    """Draw all sample pages, small."""
    figure, axes = _make_figure(9, 5.6, 2, 3)
    for ax, (name, path) in zip(axes, PAGES.items(), strict=True):
        ax.imshow(Image.open(path).convert("RGB"))
        ax.set_title(f"{name}.png", fontsize=10)
    return figure


def draw_page(name):
    """Draw a sample page with a box around each number."""
    figure, axes = _make_figure(5, 4)
    axes[0].imshow(Image.open(PAGES[name]).convert("RGB"))
    for number in NumberReader().read(PAGES[name]).numbers:
        _draw_box(axes[0], number.box, COLORS[1], 2)
    return figure


def draw_print(name):
    """Draw a picture of printed digits as benchmarks/applications.py does."""
    sys.path.insert(0, str(DOCS.parent / "benchmarks"))
    import _print_pictures

    picture, _ = getattr(_print_pictures, name)(np.random.default_rng(1))
    figure, axes = _make_figure(4, 3)
    axes[0].imshow(picture)
    return figure


def draw_learning_curves():
    """Draw the learning curves of a network."""
    X, y = load_digits28(return_X_y=True)
    classifier = MNISTClassifier(early_stopping=True, epochs=20, random_state=0)
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots(1, 2)
    TrainingHistoryDisplay.from_estimator(classifier.fit(X, y), axes=axes)
    return figure


def draw_grayscale():
    """Draw step 1: the page in colour and in grayscale."""
    figure, axes = _make_figure(7, 3.9, 1, 2)
    axes[0].imshow(Image.open(PAGES["account"]).convert("RGB"))
    axes[1].imshow(load_page(PAGES["account"]), cmap="gray", vmin=0, vmax=255)
    return figure


def draw_pyramid():
    """Draw step 2: the page at several scales, in true proportion."""
    levels = [level for _, level in make_levels(load_page(PAGES["account"]))][:5]
    heights, widths = zip(*(level.shape for level in levels), strict=True)
    figure = Figure(figsize=(8, 8 * heights[0] / (sum(widths) * 1.1)))
    left = 0
    for level, height, width in zip(levels, heights, widths, strict=True):
        total = sum(widths) * 1.1
        ax = figure.add_axes((left / total, 0, width / total, height / heights[0]))
        ax.imshow(level, cmap="gray", vmin=0, vmax=255, aspect="auto")
        ax.axis("off")
        left += width + sum(widths) * 0.1 / len(widths)
    return figure


def draw_detection():
    """Draw step 3: where the detector finds centres of digits, on one scale."""
    level = [level for _, level in make_levels(load_page(PAGES["label"]))][2]
    heat, _ = DetectorSession().run(np.ascontiguousarray(level))
    height, width = level.shape
    figure, axes = _make_figure(8, 3, 1, 2)
    for ax in axes:
        ax.imshow(level, cmap="gray", vmin=0, vmax=255)
    stride = DetectorSession().stride
    size = heat.shape[2] * stride, heat.shape[1] * stride
    highest = np.clip(heat.max(axis=0), 0, 1)
    axes[1].imshow(
        highest,
        cmap="inferno",
        alpha=0.35 + 0.65 * np.sqrt(highest),
        extent=(0, size[0], size[1], 0),
    )
    axes[1].set(xlim=(0, width), ylim=(height, 0))
    return figure


def draw_suppression():
    """Draw step 4: the boxes of all scales, and those that are kept."""
    page = load_page(PAGES["label"])
    figure, axes = _make_figure(8, 3, 1, 2)
    for ax in axes:
        ax.imshow(page, cmap="gray", vmin=0, vmax=255)
    for color, (_, things) in zip(COLORS, detect(page), strict=False):
        likely = things.take(things.certainties > 0.3)
        for box in likely.boxes:
            _draw_box(axes[0], box, color)
    for digit in NumberReader().read(PAGES["label"]).digits:
        _draw_box(axes[1], digit.box, COLORS[0])
    return figure


def draw_text_lines():
    """Draw step 5: the numbers, a colour for each row."""
    figure, axes = _make_figure(5, 4.7)
    axes[0].imshow(load_page(PAGES["lab"]), cmap="gray", vmin=0, vmax=255)
    for i, row in enumerate(NumberReader().read(PAGES["lab"]).rows):
        for number in row:
            _draw_box(axes[0], number.box, COLORS[i % len(COLORS)], 1.8)
    return figure


def draw_normalization():
    """Draw steps 6 and 7: a digit is cut out and brought to MNIST's form."""
    figure, axes = _make_figure(8, 2.3, 1, 4)
    DigitNormalizer().explain(_cut_digit()).plot(axes=axes)
    return figure


def draw_classification():
    """Draw step 8: the probabilities of a digit."""
    row = DigitNormalizer().transform([_cut_digit()])
    probabilities = load_pretrained().predict_proba(row)[0]
    figure = Figure(figsize=(6, 2.3), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 2.4))
    left.imshow(row.reshape(28, 28), cmap="gray")
    left.set(xticks=[], yticks=[])
    right.bar(range(10), probabilities, color=COLORS[0])
    right.set_xticks(range(10))
    right.set_ylabel("probability")
    right.spines[["top", "right"]].set_visible(False)
    return figure


def draw_digits():
    """Draw some training images."""
    figure, axes = _make_figure(4, 2.4, 3, 6)
    for ax, image in zip(axes, load_digits28().images, strict=False):
        ax.imshow(image, cmap="gray_r")
    return figure


def _cut_digit():
    """Return a part of a page, with one digit."""
    reading = NumberReader().read(PAGES["label"])
    eights = [digit.box for digit in reading.digits if digit.label == 8]
    left, top, right, bottom = max(eights, key=lambda box: box[3] - box[1])
    space = (bottom - top) // 4
    page = Image.open(PAGES["label"]).convert("RGB")
    return page.crop((left - space, top - space, right + space, bottom + space))


def _make_figure(width, height, n_rows=1, n_columns=1, **options):
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, **options).ravel()
    for ax in axes:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    return figure, axes


def _draw_box(ax, box, color, width=1.2):
    left, top, right, bottom = box
    style = {"fill": False, "edgecolor": color, "linewidth": width}
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, **style))


# File in `_static/` or `_generated/` -> what draws it.
STATIC = {"page_read.png": draw_page_read}
GENERATED = {
    "sample_pages.png": draw_sample_pages,
    "grayscale.png": draw_grayscale,
    "pyramid.png": draw_pyramid,
    "detection.png": draw_detection,
    "suppression.png": draw_suppression,
    "text_lines.png": draw_text_lines,
    "normalization.png": draw_normalization,
    "classification.png": draw_classification,
    "digits.png": draw_digits,
    "learning_curves.png": draw_learning_curves,
    "form.png": partial(draw_page, "form"),
    "scores.png": partial(draw_page, "scores"),
    "label.png": partial(draw_page, "label"),
    "lab.png": partial(draw_page, "lab"),
    "meter.png": partial(draw_print, "draw_meter"),
    "sign.png": partial(draw_print, "draw_sign"),
    "price.png": partial(draw_print, "draw_price"),
}


def draw_generated():
    """Draw the pictures that are not in the repository."""
    folder = DOCS / "_generated"
    folder.mkdir(exist_ok=True)
    for name, draw in GENERATED.items():
        draw().savefig(folder / name, dpi=DPI)


def draw_static():
    """Draw the pictures that are in the repository, with few colours: small files."""
    for name, draw in STATIC.items():
        content = BytesIO()
        draw().savefig(content, dpi=DPI)
        picture = Image.open(content).convert("RGB").quantize(96)
        picture.save(DOCS / "_static" / name, optimize=True)


if __name__ == "__main__":
    draw_static()
