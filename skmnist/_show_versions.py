"""show_versions: what a bug report should tell about the installation."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from joblib import cpu_count

_DEPENDENCIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "tensorflow",
    "keras",
    "scikeras",
    "onnx",
    "onnxruntime",
    "numba",
    "joblib",
    "pillow",
    "pandas",
    "matplotlib",
    "rich",
    "typer",
)


def show_versions():
    """Print the versions of skmnist, Python and the packages that skmnist builds on.

    None of the packages is imported for it.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn, with its native libraries.

    Examples
    --------
    >>> from skmnist import show_versions
    >>> show_versions()  # doctest: +SKIP
    """
    from skmnist import __version__

    system = {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        "CPUs": cpu_count(),  # those that this process may use
    }
    versions = {"skmnist": __version__}
    versions |= {name: _installed_version(name) for name in _DEPENDENCIES}
    _print_section("System", system)
    print()
    _print_section("Packages", versions)


def _installed_version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _print_section(title, values):
    print(f"{title}:")
    width = max(map(len, values))
    for name, value in values.items():
        print(f"{name:>{width + 4}}: {value}")
