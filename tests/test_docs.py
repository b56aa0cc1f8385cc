"""The examples in the README, the docs and the docstrings run as printed."""

import doctest
import importlib
import pkgutil
import re
import runpy
from itertools import groupby
from pathlib import Path

import pytest

import skmnist

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("*/*.md"))]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
TOCTREE = re.compile(r"^```{toctree}\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
PACKAGE = Path(skmnist.__file__).parent
MODULES = [
    module.name
    for module in pkgutil.walk_packages(skmnist.__path__, "skmnist.")
    if module.name != "skmnist.__main__"  # importing it runs the command line
]


def read(path):
    return path.read_text(encoding="utf-8")


def run_doctest(test):
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    report = []
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    yield
    # Imported here, because Matplotlib reads the variable on import.
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_run(page):
    text = re.sub(r"^```.*$", "", read(page), flags=re.MULTILINE)
    run_doctest(doctest.DocTestParser().get_doctest(text, {}, page.name, None, 0))


def docstring_examples(module):
    """Return the doctests of a module that have examples, by name."""
    tests = doctest.DocTestFinder().find(importlib.import_module(module))
    return {test.name: test for test in tests if test.examples}


@pytest.mark.parametrize("module", MODULES)
def test_docstring_examples_run(module):
    for test in docstring_examples(module).values():
        run_doctest(test)


def test_every_file_is_searched_for_examples():
    files = {file for file in PACKAGE.rglob("*.py") if file.stem != "__main__"}
    assert len(MODULES) + 1 == len(files)  # the package itself is not among them
    assert sum(len(docstring_examples(module)) for module in MODULES) >= 14


@pytest.mark.parametrize("name", skmnist.__all__)
def test_public_classes_and_functions_have_an_example_that_runs(name):
    value = getattr(skmnist, name)
    # RECIPES is plain data; the guide shows it.
    is_warning = isinstance(value, type) and issubclass(value, Warning)
    if not is_warning and not isinstance(value, dict):
        assert value.__module__ in MODULES
        assert f"{value.__module__}.{name}" in docstring_examples(value.__module__)


@pytest.mark.slow  # building the site also runs them
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_run(example):
    runpy.run_path(str(example), run_name="__main__")


@pytest.mark.parametrize("page", [*PAGES, CONTRIBUTING], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)\)", read(page)):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def pages_in_toctrees():
    """Yield every page listed in a toctree of the docs, with globs resolved."""
    for page in PAGES[1:]:
        for toctree in TOCTREE.findall(read(page)):
            for entry in re.findall(r"^(?:.*<)?([\w*/]+)>?$", toctree, re.MULTILINE):
                yield from page.parent.glob(f"{entry}.md")


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_every_page_is_in_a_toctree(page):
    assert page in {*pages_in_toctrees(), DOCS / "index.md"}


@pytest.mark.parametrize("name", skmnist.__all__)
def test_every_public_name_is_in_the_api_reference(name):
    page = runpy.run_path(str(DOCS / "api_reference.py"))["api_reference"]
    assert page(skmnist.__all__).splitlines().count(f"   {name}") == 1


def command_line_words():
    """Yield every command and each of its options, as typed."""
    from typer.main import get_command

    from skmnist._cli.app import app

    for name, command in get_command(app).commands.items():
        yield f"skmnist {name}"
        for parameter in command.params:
            yield from (word for word in parameter.opts if word.startswith("--"))


@pytest.mark.parametrize("word", sorted(set(command_line_words()) - {"--help"}))
def test_every_command_and_option_is_documented(word):
    assert word in read(DOCS / "command_line.md")


@pytest.mark.parametrize("name", skmnist.__all__)
def test_every_public_name_is_in_the_changelog(name):
    assert name in read(ROOT / "CHANGELOG.md")


def test_the_badges_are_those_of_pyproject():
    badges = runpy.run_path(str(DOCS / "draw_badges.py"))["make_badges"]()
    assert badges == {name: read(DOCS / "_static" / name) for name in badges}


def pictures_of_directives():
    """Yield every picture that a directive of a page shows, and its page."""
    pattern = re.compile(r"^(?:`{3,}\{image\}|:img-top:) (\S+)$", re.MULTILINE)
    for page in PAGES[1:]:
        yield from ((page, name) for name in pattern.findall(read(page)))


def test_pictures_of_directives_exist_or_are_drawn_by_the_build():
    drawn = set(runpy.run_path(str(DOCS / "draw_pictures.py"))["GENERATED"])
    for page, name in pictures_of_directives():
        folder, _, file = name.rpartition("/")
        if folder.endswith("_generated"):
            assert file in drawn, name
        else:
            assert (page.parent / name).is_file(), name


def test_the_readme_shows_what_is_read_on_the_first_sample_page():
    page = skmnist.load_sample_pages().pages[0]
    command = f"$ skmnist read skmnist/sample_pages/{page.name}\n"
    text = read(ROOT / "README.md").partition(command)[2].partition("\n```")[0]
    # The snippet below it reads the page.
    assert text == skmnist.load_sample_pages().texts[0]


def modules_in_the_table():
    """Return (module, test file) for each row of the table of modules, in order."""
    row = re.compile(r"^\| `([\w/]+\.py)` \| .+ \| `([\w/]+\.py)` \|$", re.MULTILINE)
    return row.findall(read(DOCS / "development" / "design.md"))


def test_the_table_of_modules_names_each_module_once():
    named = [module for module, _ in modules_in_the_table()]
    files = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    # The __init__ of a wing holds nothing.
    assert {*named} == {file for file in files if not file.endswith("/__init__.py")}
    assert len(named) == len({*named})


def test_the_table_of_modules_names_tests_that_exist():
    tests = {test for _, test in modules_in_the_table()}
    assert not {test for test in tests if not (ROOT / "tests" / test).is_file()}


def test_the_table_of_modules_is_in_order_of_wings():
    wings = [module.rpartition("/")[0] for module, _ in modules_in_the_table()]
    assert [wing for wing, _ in groupby(wings)] == [*dict.fromkeys(wings)]


def test_the_citation_is_of_this_version():
    lines = read(ROOT / "CITATION.cff").splitlines()
    assert f"version: {skmnist.__version__}" in lines
