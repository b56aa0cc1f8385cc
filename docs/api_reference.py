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


# What methods return: described, but not imported from the package.
RESULTS = [
    "_reading.results.Reading",
    "_reading.results.ReadNumber",
    "_reading.results.ReadDigit",
    "_reading.stages.DigitStages",
]


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
            parts += [_heading(title, "-"), _table(group)]
        if title == "Pictures":
            parts += ["Their methods return:", _table(f"~{name}" for name in RESULTS)]
    return "\n\n".join(parts) + "\n"


def _table(names):
    lines = "\n".join(f"   {name}" for name in names)
    return f".. autosummary::\n   :toctree:\n   :nosignatures:\n\n{lines}"


def describe_recipes(recipes):
    """Return the description of `RECIPES`, in reStructuredText.

    Parameters
    ----------
    recipes : dict of str to dict
        Parameters of each recipe.

    Returns
    -------
    list of str
        Lines.
    """
    lines = [
        "Tested sets of constructor parameters for `MNISTClassifier`, by name.",
        "",
    ]
    lines += ['Use one as `MNISTClassifier(**RECIPES["conv"])`. The guide says what']
    lines += ["they reach: :doc:`/recipes`.", ""]
    for name, parameters in recipes.items():
        listed = ", ".join(f"{key}={value!r}" for key, value in parameters.items())
        lines.append(f"- `{name}`: {f'`{listed}`' if listed else 'the defaults'}")
    return [*lines, ""]


def _heading(title, line):
    return f"{title}\n{line * len(title)}"
