"""The HTML elements of a report. All text is escaped here."""

from base64 import b64encode
from html import escape

from skmnist._data.printable import printable


def as_html(text):
    """Return a text as HTML that shows it in one line.

    Parameters
    ----------
    text : object
        Converted to str. What does not print as itself is shown as an escape.

    Returns
    -------
    str
        HTML.
    """
    return escape(printable(text))


def format_seconds(seconds):
    """Return a duration in a suitable unit.

    Parameters
    ----------
    seconds : float
        The duration.

    Returns
    -------
    str
        Such as "3.1 ms".
    """
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    unit, number = "µs", seconds * 1e6
    if number >= 1000:
        unit, number = "ms", seconds * 1e3
    if number >= 1000:
        unit, number = "s", seconds
    return f"{number:.{0 if number >= 10 else 1}f} {unit}"


def format_count(number, noun):
    """Return a number and a noun, in the plural unless the number is 1.

    Parameters
    ----------
    number : int
        The number.
    noun : str
        In the singular.

    Returns
    -------
    str
        Such as "1,347 images".
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def make_paragraph(text, kind=""):
    """Return a paragraph.

    Parameters
    ----------
    text : str
        Plain text.
    kind : str, default=""
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    text = as_html(text)
    return f'<p class="{kind}">{text}</p>' if kind else f"<p>{text}</p>"


def make_table(header, rows, *, n_texts=1, caption=None, css="table"):
    """Return a table.

    Parameters
    ----------
    header : sequence of str
        The column headings.
    rows : iterable of sequence
        The cells. The first cell of a row is its heading.
    n_texts : int, default=1
        The number of columns with text. The columns after them are numbers.
    caption : str, default=None
        Shown above the table. None for no caption.
    css : str, default="table"
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    kinds = ["" if i < n_texts else ' class="n"' for i in range(len(header))]
    heads = "".join(
        f'<th scope="col"{kind}>{as_html(text)}</th>'
        for kind, text in zip(kinds, header, strict=True)
    )
    lines = []
    for first, *others in rows:
        cells = "".join(
            f"<td{kind}>{as_html(cell)}</td>"
            for kind, cell in zip(kinds[1:], others, strict=True)
        )
        lines.append(f'<tr><th scope="row">{as_html(first)}</th>{cells}</tr>')
    title = "" if caption is None else f"<caption>{as_html(caption)}</caption>"
    body = "\n".join(lines)
    return (
        f'<div class="{css}"><table>{title}<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def make_facts(pairs, kind="facts"):
    """Return a list of names and values.

    Parameters
    ----------
    pairs : iterable of (str, object)
        Names and values.
    kind : str, default="facts"
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    entries = "\n".join(
        f"<div><dt>{as_html(name)}</dt><dd>{as_html(value)}</dd></div>"
        for name, value in pairs
    )
    return f'<dl class="{kind}">{entries}</dl>'


def make_picture(content, kind, alt, caption=None, *, css="plot"):
    """Return a figure with a picture that is embedded in the page.

    Parameters
    ----------
    content : bytes
        The content of the picture's file.
    kind : {"png", "svg+xml"}
        Its type.
    alt : str
        Description for readers who cannot see the picture.
    caption : str, default=None
        Shown below the picture. None for no caption.
    css : str, default="plot"
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    data = b64encode(content).decode()
    below = "" if caption is None else f"<figcaption>{as_html(caption)}</figcaption>"
    return (
        f'<figure class="{css}"><img alt="{as_html(alt)}" '
        f'src="data:image/{kind};base64,{data}">{below}</figure>'
    )


def make_pair(*parts):
    """Return parts side by side, or below one another on narrow screens.

    Parameters
    ----------
    *parts : str
        HTML.

    Returns
    -------
    str
        HTML.
    """
    cells = "\n".join(f"<div>{part}</div>" for part in parts)
    return f'<div class="pair">{cells}</div>'


def make_section(title, *parts):
    """Return a section with its heading.

    Parameters
    ----------
    title : str
        The heading.
    *parts : str
        HTML. Empty parts are left out.

    Returns
    -------
    str
        HTML.
    """
    body = "\n".join(filter(None, parts))
    return f"<section>\n<h2>{as_html(title)}</h2>\n{body}\n</section>"
