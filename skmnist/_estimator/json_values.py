"""Values as JSON has them, and numbers that it does not have."""

import json
import math

import numpy as np

# The key of an object that stands for a number that JSON does not have, and its values.
_NOT_FINITE, _NAMES = "not_finite", ("inf", "-inf", "nan")


def plain(value):
    """Return a value in types that JSON has.

    Parameters
    ----------
    value : object
        NumPy's scalars and arrays become Python's numbers and lists.

    Returns
    -------
    object
        The value, as far as it can be converted.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return {_NOT_FINITE: str(value)}
    return value


def restore_number(entry):
    """Return the number behind an object of JSON that stands for one.

    Parameters
    ----------
    entry : dict
        An object as JSON has it. `n_iter_no_change` may be infinite, and a metric that
        was not measured in an epoch is NaN; JSON has numbers for neither.

    Returns
    -------
    float or dict
        The entry itself if it stands for nothing else.
    """
    is_number = entry.keys() == {_NOT_FINITE} and entry[_NOT_FINITE] in _NAMES
    return float(entry[_NOT_FINITE]) if is_number else entry


def fits_json(value):
    """Return whether JSON can hold a value.

    Parameters
    ----------
    value : object
        Any.

    Returns
    -------
    bool
        Whether it can, once `plain` has converted it.
    """
    try:
        json.dumps(plain(value))
    except (TypeError, ValueError):
        return False
    return True
