"""show_versions: the versions to put into a bug report."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from joblib import cpu_count

_PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "tensorflow",
    "keras",
    "scikeras",
    "onnx",
    "onnxruntime",
    "llvmlite",
    "joblib",
    "pillow",
    "pandas",
    "matplotlib",
    "rich",
    "typer",
)


def show_versions():
    """Print the versions of skmnist, Python and the packages that skmnist uses.

    The packages are not imported.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn, with its native libraries.

    Examples
    --------
    >>> from skmnist import show_versions
    >>> show_versions()  # doctest: +SKIP
    """
    system = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        "CPUs": cpu_count(),  # the number that this process may use
    }
    _print_section("System", system)
    print()
    _print_section("Packages", find_versions())


def find_versions():
    """Return the versions of skmnist and of the packages that it uses.

    Returns
    -------
    dict of str to str
        By package; "not installed" for those that are missing.
    """
    from skmnist import __version__

    return {"skmnist": __version__} | {name: _find_version(name) for name in _PACKAGES}


def _find_version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _print_section(title, values):
    print(f"{title}:")
    width = max(map(len, values))
    for name, value in values.items():
        print(f"{name:>{width + 4}}: {value}")
