"""What all figures share: colours, percentages and the style of an artist."""

# The palette of Okabe and Ito, which readers with any colour vision can tell apart.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

PERCENT = "\N{NO-BREAK SPACE}%"


def format_share(share, decimals=2):
    """Return a share in percent; only exact shares of 0 and 1 are shown as 0 and 100.

    Parameters
    ----------
    share : float
        In [0, 1].
    decimals : int, default=2
        Number of digits after the decimal point.

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
    return text + PERCENT


def merge_style(artist, style, keywords):
    """Return a style, updated with the user's keywords.

    Parameters
    ----------
    artist : type
        The class of the matplotlib artist, which defines aliases such as "lw".
    style : dict
        The default style, without aliases.
    keywords : dict or None
        The user's keywords, with or without aliases.

    Returns
    -------
    dict
        Keywords for the artist, without aliases.
    """
    from matplotlib.cbook import normalize_kwargs

    return style | normalize_kwargs(keywords or {}, artist)
