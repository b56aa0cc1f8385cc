"""What `try_it.md` needs to run a network in the browser.

An extension of Sphinx. ONNX Runtime Web comes from the npm registry when the site is
built, and becomes a part of the site; the network and the drawing area come from the
package.
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from sphinx.util import logging

import skmnist

VERSION = "1.30.0"

_LOGGER = logging.getLogger(__name__)

# The runtime without a graphics card, in one script and one WebAssembly file.
_FILES = (
    "dist/ort.wasm.bundle.min.mjs",
    "dist/ort-wasm-simd-threaded.wasm",
    "README.md",
    "package.json",
)
_CACHE = Path(__file__).parent / "_build" / "browser"
_PACKAGE = Path(skmnist.__file__).parent
_NETWORK = _PACKAGE / "pretrained" / "conv.onnx"
_DRAWING = _PACKAGE / "_cli" / "demo_page" / "drawing.js"

_MISSING = """\
```{note}
This copy of the site was built without the network, because npm could not fetch ONNX
Runtime Web. Install npm and build the site again.
```"""


def prepare(folder):
    """Put the runtime, the network and the drawing area into a folder.

    Parameters
    ----------
    folder : Path
        Gets a folder for this version of the runtime, so that a new one is fetched.

    Returns
    -------
    Path or None
        The folder with `try_it/`; None where npm is not installed, or
        cannot fetch the package.
    """
    target = folder / f"onnxruntime-web-{VERSION}"
    runtime = target / "try_it" / "runtime"
    if not runtime.is_dir() and not _fetch(runtime):
        return None
    network = target / "try_it" / "network"
    network.mkdir(exist_ok=True)
    shutil.copy(_NETWORK, network / "digits.onnx")
    shutil.copy(_DRAWING, target / "try_it")
    return target


def _fetch(runtime):
    """Fetch the runtime by npm; return whether it is there."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    runtime.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=runtime.parent) as name:
        command = [npm, "pack", "--silent", f"onnxruntime-web@{VERSION}"]
        if subprocess.run(command, cwd=name, stdout=subprocess.DEVNULL).returncode:
            return False
        (package,) = Path(name).glob("*.tgz")
        unpacked = Path(name) / "runtime"
        unpacked.mkdir()
        with tarfile.open(package) as archive:
            for file in _FILES:
                content = archive.extractfile(f"package/{file}").read()
                (unpacked / Path(file).name).write_bytes(content)
        unpacked.rename(runtime)
    return True


def add_runtime(app, config):
    """Make the runtime and the network a part of the site."""
    folder = prepare(_CACHE)
    app.has_browser_runtime = folder is not None
    if folder is not None:
        config.html_static_path.append(str(folder))
    else:
        _LOGGER.info("npm cannot fetch ONNX Runtime Web: no network in try_it")


def say_what_is_missing(app, name, source):
    """Replace the drawing area where there is no runtime for it."""
    if name == "try_it" and not app.has_browser_runtime:
        area = re.compile(r"^```\{raw\} html$.*?^```$", re.DOTALL | re.MULTILINE)
        source[0] = area.sub(_MISSING, source[0])


def add_script(app, name, template, context, doctree):
    """Load the drawing area's script and style on its page only."""
    if name == "try_it" and app.has_browser_runtime:
        app.add_js_file("try_it/try_it.js", type="module")
        app.add_css_file("try_it/try_it.css")


def setup(app):
    """Connect the functions above."""
    # Before Sphinx looks for the folders of static files.
    app.connect("config-inited", add_runtime, priority=100)
    app.connect("source-read", say_what_is_missing)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True}
