"""Draw _static/data_flow.svg, the picture in development/design.md.

`python docs/draw_data_flow.py` writes it. White letters on dark boxes and gray arrows
are readable on a light page and on a dark one.
"""

from pathlib import Path

COLUMN, ROW, WIDTH, HEIGHT = 192, 112, 170, 78
FIT, PREDICT, SAVE, PICTURE = "#0b6aa2", "#00755a", "#a8480b", "#84467c"
ARROW = "#7d8894"

# Column, row, colour, what it is, and its wing and modules, a line each.
BOXES = [
    (0, 0, FIT, "images or rows", "_data", "images"),
    (1, 0, FIT, "PixelScaler", "_estimator", "scaler"),
    (2, 0, FIT, "options", "_training", "options, data"),
    (3, 0, FIT, "epochs", "_training, _keras", "dense_fit, training_loop"),
    (4, 0, FIT, "engine", "_training, _keras", "dense_…, program_engine"),
    (5, 0, "#4b5563", "arrays", "_training", "state"),
    (5, 1, PREDICT, "ONNX graph", "_network", "onnx_graph"),
    (4, 1, PREDICT, "ONNX Runtime", "_network", "onnx_session"),
    (3, 1, PREDICT, "probabilities", "_estimator", "prediction"),
    (2, 1, PREDICT, "labels", "_estimator", "prediction"),
    (1, 1, PICTURE, "text and boxes", "_reading", "text_lines, results"),
    (5, 2, SAVE, "one file", "_estimator", "saving, metadata"),
    (0, 2, PICTURE, "picture", "_pictures", "loading"),
    (1, 2, PICTURE, "gray page", "_pictures", "grayscale"),
    (2, 2, PICTURE, "detector", "_reading", "pyramid, detection"),
    (3, 2, PICTURE, "digits", "_reading", "suppression, orientation"),
    (4, 2, PICTURE, "MNIST's form", "_reading, _data", "cutting, mnist_form"),
]
# From box to box, by column and row.
ARROWS = [
    *(((i, 0), (i + 1, 0)) for i in range(5)),
    ((5, 0), (5, 1)),
    *(((i, 1), (i - 1, 1)) for i in (5, 4, 3, 2)),
    ((5, 1), (5, 2)),
    *(((i, 2), (i + 1, 2)) for i in range(4)),
    ((4, 2), (4, 1)),
]


def draw_box(column, row, color, title, wing, modules):
    """Return a box with three lines of text."""
    x, y = 4 + column * COLUMN, 4 + row * ROW
    middle = x + WIDTH / 2
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" '
        f'fill="{color}"/>\n'
        f'<text x="{middle}" y="{y + 27}" class="title">{title}</text>\n'
        f'<text x="{middle}" y="{y + 47}" class="modules">{wing}</text>\n'
        f'<text x="{middle}" y="{y + 65}" class="modules">{modules}</text>'
    )


def draw_arrow(start, end):
    """Return an arrow from the edge of a box to the edge of its neighbour."""
    step = [b - a for a, b in zip(start, end, strict=True)]
    half = WIDTH / 2 + 2, HEIGHT / 2 + 2
    centers = [
        (4 + column * COLUMN + WIDTH / 2, 4 + row * ROW + HEIGHT / 2)
        for column, row in (start, end)
    ]
    x1, y1 = (c + s * h for c, s, h in zip(centers[0], step, half, strict=True))
    x2, y2 = (c - s * (h + 4) for c, s, h in zip(centers[1], step, half, strict=True))
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" class="arrow"/>'


def draw():
    """Return the picture."""
    size = f"{5 * COLUMN + WIDTH + 8} {2 * ROW + HEIGHT + 8}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">',
            "<title>The flow of data through the modules</title>",
            "<style>",
            "text { fill: #fff; text-anchor: middle; font-family: sans-serif }",
            ".title { font-size: 15px; font-weight: bold }",
            ".modules { font-size: 11.5px }",
            f".arrow {{ stroke: {ARROW}; stroke-width: 2.5; marker-end: url(#tip) }}",
            "</style>",
            '<marker id="tip" viewBox="0 0 8 8" refX="3" refY="4" markerWidth="4" '
            f'markerHeight="4" orient="auto"><path d="M0 0L8 4L0 8z" fill="{ARROW}"/>'
            "</marker>",
            *(draw_arrow(*arrow) for arrow in ARROWS),
            *(draw_box(*box) for box in BOXES),
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    path = Path(__file__).parent / "_static" / "data_flow.svg"
    path.write_text(draw(), encoding="utf-8")
