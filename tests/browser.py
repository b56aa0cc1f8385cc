"""The browser that tests drive: a Chromium that is installed on the machine."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_browser():
    """Return the path of a browser, SKMNIST_BROWSER or a usual one; or None."""
    named = os.environ.get("SKMNIST_BROWSER")
    found = [shutil.which(name) for name in ([named] if named else _PROGRAMS)]
    if not named and _ON_MACOS.exists():
        found.append(str(_ON_MACOS))
    return next(filter(None, found), None)


def find_obstacle():
    """Return why tests in a browser cannot run here, or None."""
    if find_spec("playwright") is None:
        return "playwright is not installed: pip install 'skmnist[browser]'"
    if find_browser() is None:
        return "no Chromium is installed; SKMNIST_BROWSER may name its program"
    return None
