"""The HTML that a report is made of: everything that is text is escaped here."""

from base64 import b64encode
from html import escape

_PERCENT = "\N{NO-BREAK SPACE}%"


def format_share(share, decimals=2):
    """Return a share in percent; all and nothing are only what is exactly that.

    Parameters
    ----------
    share : float
        In [0, 1].
    decimals : int, default=2
        Digits after the point.

    Returns
    -------
    str
        Such as "97.30 %", with a no-break space.
    """
    text = f"{100 * share:.{decimals}f}"
    step = 10.0**-decimals
    if share < 1 and float(text) == 100:
        text = f">{100 - step:.{decimals}f}"
    elif share > 0 and float(text) == 0:
        text = f"<{step:.{decimals}f}"
    return text + _PERCENT


def format_seconds(seconds):
    """Return a duration in a unit that suits it.

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


def count(number, noun):
    """Return a number with its noun, in the plural where it is not 1.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        Of what.

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
        Its class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def make_table(header, rows, *, n_texts=1, caption=None, css="table"):
    """Return a table.

    Parameters
    ----------
    header : sequence of str
        The heads of the columns.
    rows : iterable of sequence
        The cells; the first of a row is its head.
    n_texts : int, default=1
        So many columns, the first ones, are text; the others are numbers.
    caption : str, default=None
        What stands above the table. None for nothing.
    css : str, default="table"
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    kinds = ["" if i < n_texts else ' class="n"' for i in range(len(header))]
    heads = "".join(
        f'<th scope="col"{kind}>{escape(text)}</th>'
        for kind, text in zip(kinds, header, strict=True)
    )
    lines = []
    for first, *others in rows:
        cells = "".join(
            f"<td{kind}>{escape(str(cell))}</td>"
            for kind, cell in zip(kinds[1:], others, strict=True)
        )
        lines.append(f'<tr><th scope="row">{escape(str(first))}</th>{cells}</tr>')
    title = "" if caption is None else f"<caption>{escape(caption)}</caption>"
    body = "\n".join(lines)
    return (
        f'<div class="{css}"><table>{title}<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def make_facts(pairs, kind="facts"):
    """Return names with their values.

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
        f"<div><dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd></div>"
        for name, value in pairs
    )
    return f'<dl class="{kind}">{entries}</dl>'


def make_picture(content, kind, alt, caption=None, *, css="plot"):
    """Return a figure whose picture is in the page itself.

    Parameters
    ----------
    content : bytes
        The file.
    kind : {"png", "svg+xml"}
        Its type.
    alt : str
        What is to be seen, for those who cannot.
    caption : str, default=None
        What stands below. None for nothing.
    css : str, default="plot"
        The class in the style sheet.

    Returns
    -------
    str
        HTML.
    """
    data = b64encode(content).decode()
    below = "" if caption is None else f"<figcaption>{escape(caption)}</figcaption>"
    return (
        f'<figure class="{css}"><img alt="{escape(alt)}" '
        f'src="data:image/{kind};base64,{data}">{below}</figure>'
    )


def make_pair(*parts):
    """Return pieces side by side where there is room, else below one another.

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
        HTML; empty ones are left out.

    Returns
    -------
    str
        HTML.
    """
    body = "\n".join(filter(None, parts))
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"
