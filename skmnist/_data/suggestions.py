"""Suggestions for names that are misspelt."""

from difflib import get_close_matches

# Characters: beyond them a name is compared no further.
_LONGEST = 100
# Characters: a shorter name is part of too many others.
_TELLING = 4


def suggest(name, valid):
    """Return a question that suggests a valid name in place of an unknown one.

    Parameters
    ----------
    name : str
        The unknown name.
    valid : iterable of str
        The valid names. One that begins with `name` comes before one that contains it,
        and that before one that is spelt alike.

    Returns
    -------
    str
        To be appended to an error message: " Did you mean 'epochs'?", or "" if no
        name is similar.
    """
    valid = sorted(valid, key=len)
    longer = [other for other in valid if name and other.startswith(name)]
    if len(name) >= _TELLING:
        longer += [other for other in valid if name in other]
    # A forged name may have megabytes, and comparing takes many times as much memory.
    near = longer or get_close_matches(name[:_LONGEST], valid, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
