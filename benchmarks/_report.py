"""The pages of the benchmarks: an answer, a chart, tables, and how it was measured."""

import os
import re
from pathlib import Path
from statistics import mean, stdev

# Okabe and Ito's blue for skmnist, gray for the others.
OURS, OTHERS = "#0072B2", "#9a9a9a"
COLORS = OURS, "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#999999"
WIDTH = 7.2  # inches
_NUMBER = re.compile(
    r"[-+]?\d[\d,.]*(e[+-]\d+)?( (%|s|min|h|MB|points))?"
    r"( ± [\d,.]+( (%|s|MB))?)?( to [\d,.]+)?"
)
# Otherwise the file would change although the chart is the same.
_STABLE = {"svg.hashsalt": "skmnist", "svg.fonttype": "path"}


def write_report(path, title, answer, sections, measured, chart=None):
    """Write a page as Markdown, with its chart beside it, and print it.

    Parameters
    ----------
    path : str or path-like
        The page; missing folders are created. Nothing is kept of `os.devnull`.
    title : str
        Title of the page.
    answer : str
        What was found, in a sentence or two.
    sections : dict of str to (list of sequence) or str
        Heading -> a table, whose first row holds the names of the columns, or text.
    measured : list of str
        How it was measured: folded, at the end of the page.
    chart : (matplotlib Figure, str), default=None
        The chart and its description.
    """
    path = Path(path)
    lines = [f"# {title}", "", answer]
    if chart is not None:
        figure, description = chart
        lines += ["", f"![{description}]({path.with_suffix('.svg').name})"]
        if str(path) != os.devnull:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_chart(figure, path.with_suffix(".svg"))
    for heading, content in sections.items():
        text = content if isinstance(content, str) else format_table(content)
        lines += ["", f"## {heading}", "", text]
    lines += ["", fold("How this was measured", "\n".join(f"- {m}" for m in measured))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def fold(title, text):
    """Return text that only shows its title until it is clicked."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def format_table(rows):
    """Return a table as Markdown, columns of numbers aligned to the right."""
    columns, *rows = ([_cell(value) for value in row] for row in rows)
    marks = [_mark(cells) for cells in zip(*rows, strict=True)]
    if not columns[0]:  # names, even if they are digits
        marks[0] = "---"
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, marks, *rows))


def _cell(value):
    return f"{value:,}" if isinstance(value, int) else str(value)


def _mark(cells):
    filled = [cell for cell in cells if cell]
    n_numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in filled)
    return "---:" if 2 * n_numbers > len(filled) else "---"


def spread(values, factor=1, digits=2, unit=""):
    """Return the mean, and the standard deviation of several values, as a cell."""
    values = [factor * value for value in values]
    text = f"{mean(values):,.{digits}f}{unit}"
    return f"{text} ± {stdev(values):.{digits}f}" if len(values) > 1 else text


def to_number(cell):
    """Return the number that a cell begins with."""
    return float(str(cell).partition(" ")[0].replace(",", ""))


def draw_bars(values, label, *, ours=(), texts=None, log=False):
    """Draw horizontal bars, the first on top.

    Parameters
    ----------
    values : dict of str to float
        Name -> length of the bar.
    label : str
        What the length means.
    ours : collection of str
        Names of the bars in colour.
    texts : dict of str to str, default=None
        What to write at the end of each bar; None writes three digits.
    log : bool, default=False
        Whether the axis is logarithmic.

    Returns
    -------
    matplotlib Figure
    """
    figure, ax = make_figure(0.5 + 0.32 * len(values))
    names = list(values)
    colors = [OURS if name in ours else OTHERS for name in names]
    bars = ax.barh(names, list(values.values()), color=colors, height=0.7)
    texts = texts or {name: f"{value:.3g}" for name, value in values.items()}
    ax.bar_label(bars, [texts[name] for name in names], padding=3, fontsize=9)
    ax.invert_yaxis()
    ax.set_xlabel(label)
    ax.set_xscale("log" if log else "linear")
    ax.margins(x=0.12)
    ax.tick_params(axis="y", length=0)
    return figure


def draw_groups(groups, label):
    """Draw percentages as groups of horizontal bars.

    Parameters
    ----------
    groups : dict of str to dict of str to float
        What the colours mean -> name of the group -> length of the bar.
    label : str
        What the length means.

    Returns
    -------
    matplotlib Figure
    """
    names = list(next(iter(groups.values())))
    height = 0.8 / len(groups)
    figure, ax = make_figure(0.9 + 0.17 * len(names) * (len(groups) + 1))
    for i, (meaning, values) in enumerate(groups.items()):
        places = [j + (i + 0.5) * height - 0.4 for j in range(len(names))]
        lengths = [values[name] for name in names]
        ax.barh(places, lengths, height * 0.9, label=meaning, color=COLORS[i])
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlabel(label)
    ax.set_xlim(0, 100)
    ax.tick_params(axis="y", length=0)
    ax.figure.legend(loc="outside upper left", ncols=len(groups), frameon=False)
    return figure


def make_figure(height):
    """Return a figure and its axes, as wide as a page."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    return figure, ax


def save_chart(figure, path):
    """Write a chart; the file only changes if the chart does."""
    import matplotlib as mpl

    metadata = {"Date": None, "Creator": None}
    with mpl.rc_context(_STABLE):
        figure.savefig(path, metadata=metadata)
    # Matplotlib ends lines with spaces.
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
