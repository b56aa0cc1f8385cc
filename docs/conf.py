"""How Sphinx builds these pages: `sphinx-build docs docs/_build`."""

import re
import sys
import tempfile
from itertools import count
from pathlib import Path
from shutil import rmtree

import skmnist

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

from api_reference import api_reference, describe_recipes  # noqa: E402
from draw_pictures import draw_generated  # noqa: E402

project = "skmnist"
author = "The skmnist developers"
copyright = "The skmnist developers"
version = release = skmnist.__version__

extensions = [
    "browser_runtime",  # the file beside this one
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinx_design",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]  # no page may be called search: Sphinx writes its own
default_role = "literal"  # as in scikit-learn: `fit` is code
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # links such as searching.md#on-several-machines-dask

# Broken links are errors, except to names of other projects: their pages could only be
# found by network.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(sklearn|keras)\..*")]

toc_object_entries_show_parents = "hide"
add_module_names = False  # all public names are imported from skmnist
numpydoc_show_class_members = False  # the template of a class lists them

# The code in these pages is run, and its figures are shown where they are drawn. Only
# the tests run the code of all other pages.
PAGES_WITH_FIGURES = re.compile(r"(tutorial|pictures|how_to/\w+)$")
plot_working_directory = tempfile.mkdtemp()
plot_formats = [("png", 160)]
plot_html_show_formats = plot_html_show_source_link = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "within_subsection_order": "FileNameSortKey",
    "doc_module": "skmnist",
    "backreferences_dir": "gallery/backreferences",
    "download_all_examples": False,
    "remove_config_comments": True,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["skmnist.css"]
html_favicon = "_static/favicon.svg"
html_title = "skmnist"
html_show_sourcelink = False
WIDE_PAGES = "index", "install", "tutorial", "try_it", "troubleshooting", "changelog"
html_sidebars = {page: [] for page in WIDE_PAGES}
html_theme_options = {
    "logo": {
        "text": "skmnist",
        "image_light": "_static/favicon.svg",
        "image_dark": "_static/favicon.svg",
    },
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        # These need the width.
        "index": [],
        "try_it": [],
        "migrating": [],
        "development/design": [],
    },
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": False,
}

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True


def write_api_reference(app, config):
    """Write the page of all public names, from which autosummary makes the others."""
    folder = DOCS / "api"
    rmtree(folder, ignore_errors=True)  # otherwise pages of former names stay
    folder.mkdir()
    text = api_reference(skmnist.__all__)
    (folder / "index.rst").write_text(text, encoding="utf-8")


def draw_pictures(app, config):
    """Draw the pictures that are made of the sample pages."""
    draw_generated()


def draw_figures(app, name, source):
    """Show the figures that a page's snippets draw, each below its snippet."""
    # The blank line that ends a doctest is no part of the code.
    source[0] = source[0].replace("\n\n```\n", "\n```\n")
    if PAGES_WITH_FIGURES.match(name):
        snippet = re.compile(r"^```python\n(>>> .*?)^```$", re.DOTALL | re.MULTILINE)
        prefixes = (f"{name.replace('/', '-')}-{number}" for number in count(1))
        source[0] = snippet.sub(
            lambda match: _with_figures(match, next(prefixes)), source[0]
        )


def keep_units(app, name, source):
    """Keep a number in a table and its unit on one line."""
    space = re.compile(r"(?<=\d) (?=[%±]|s\b|ms\b|min\b|MB\b)|(?<=[%s]) (?=±)|(?<=±) ")
    rows = re.compile(r"^\|.*$", re.MULTILINE)
    source[0] = rows.sub(lambda row: space.sub("\N{NO-BREAK SPACE}", row[0]), source[0])


def _with_figures(match, prefix):
    # The directive can be used in reStructuredText only.
    lines = [
        ".. plot::",
        "   :context: close-figs",
        "   :include-source: no",
        f"   :filename-prefix: {prefix}",
        "",
        *(f"   {line}" for line in match[1].splitlines()),
    ]
    return "\n".join([match[0], "", "```{eval-rst}", *lines, "```"])


def mend_docstring(app, what, name, obj, options, lines):
    """Escape text that Sphinx would mistake for links."""
    if name == "skmnist.RECIPES":  # a dict, which has no docstring of its own
        lines[:] = describe_recipes(obj)
    text = "\n".join(lines)
    # Shapes such as (n_features_in_,): an underscore at the end makes a link.
    text = re.sub(r"\((\w+)_,\)", r"(\1\\_,)", text)
    if (getattr(obj, "__module__", None) or "").startswith("sklearn."):
        # Inherited methods that link to scikit-learn's guide.
        text = re.sub(r":ref:`([^`<]*?)\s*(<[^`]*>)?`", r"\1", text)
    lines[:] = text.split("\n")


def skip_member(app, what, name, obj, skip, options):
    """Leave out the requests of metadata routing: the guide explains them."""
    return bool(re.fullmatch(r"set_\w+_request|get_metadata_routing", name)) or None


def setup(app):
    """Connect the functions above."""
    app.connect("config-inited", write_api_reference)
    app.connect("config-inited", draw_pictures)
    app.connect("source-read", draw_figures)
    app.connect("source-read", keep_units)
    # Before numpydoc's, at 500.
    app.connect("autodoc-process-docstring", mend_docstring, priority=100)
    app.connect("autodoc-skip-member", skip_member)
