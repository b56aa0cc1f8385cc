"""printable: text from a file or a file name, safe to print."""

import unicodedata


def printable(text):
    r"""Return a text with everything escaped that does not print as itself.

    Labels, names and messages may come from a file that somebody else has written.
    Their line breaks would forge lines of output, and their control characters would
    be obeyed by a terminal.

    Parameters
    ----------
    text : object
        Converted to str.

    Returns
    -------
    str
        One line, which any Unicode encoding can hold.

    Examples
    --------
    >>> from skmnist._data.printable import printable
    >>> print(printable("3" + chr(27) + "[2K" + chr(10) + "4"))
    3\x1b[2K\n4
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(map(_escape, text))


def _escape(character):
    # Python takes no space but the common one for printable.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")
