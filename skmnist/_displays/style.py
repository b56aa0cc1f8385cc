"""merge_style: the look of an artist, with the user's keywords taking over."""


def merge_style(artist, style, keywords):
    """Return a style with the user's keywords, under whatever alias, taking over.

    Parameters
    ----------
    artist : type
        The class of matplotlib's artist, whose aliases are known ("lw", "ha").
    style : dict
        The look without the user's keywords, under their full names.
    keywords : dict or None
        What the user wants.

    Returns
    -------
    dict
        Keywords for the artist.
    """
    from matplotlib.cbook import normalize_kwargs

    return style | normalize_kwargs(keywords or {}, artist)
