"""The page of the API reference, made of the public names."""

from fnmatch import fnmatch

GROUPS = {
    "The classifier": ["MNISTClassifier", "load_pretrained", "RECIPES"],
    "Digits to train on": ["fetch_*", "load_digits28"],
    "Pictures": ["DigitNormalizer", "NumberReader", "load_sample_pages"],
    "Scaling": ["PixelScaler", "PixelRangeWarning"],
    "Displays": ["*Display"],
    "Installation": ["show_versions"],
    "More": ["*"],  # whatever no group names
}


def api_reference(names):
    """Return the page, in reStructuredText.

    Parameters
    ----------
    names : list of str
        The public names, `skmnist.__all__`.

    Returns
    -------
    str
        The page, with a table of its objects for each group.
    """
    parts = [_heading("API reference", "="), "All names are imported from `skmnist`."]
    parts += [".. currentmodule:: skmnist"]
    left = list(names)
    for title, patterns in GROUPS.items():
        group = [name for p in patterns for name in left if fnmatch(name, p)]
        left = [name for name in left if name not in group]
        if group:
            lines = "\n".join(f"   {name}" for name in group)
            table = f".. autosummary::\n   :toctree:\n   :nosignatures:\n\n{lines}"
            parts += [_heading(title, "-"), table]
    return "\n\n".join(parts) + "\n"


def _heading(title, line):
    return f"{title}\n{line * len(title)}"
