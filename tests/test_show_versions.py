import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest

import skmnist
from skmnist import _show_versions, show_versions


@pytest.fixture
def printed(capsys):
    show_versions()
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "numpy",
        "scikit-learn",
        "tensorflow",
        "keras",
        "llvmlite",
        "onnxruntime",
        "typer",
    ],
)
def test_the_version_of_each_package_is_printed(name, printed):
    assert f" {name}: {version(name)}\n" in printed


def test_the_versions_of_skmnist_and_python_are_printed(printed):
    assert f" skmnist: {skmnist.__version__}\n" in printed
    assert f" python: {platform.python_version()}" in printed


def test_the_number_of_cpus_is_printed(printed):
    assert " CPUs: " in printed


def test_a_missing_package_is_not_installed(monkeypatch, capsys):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(_show_versions, "version", missing)
    show_versions()
    assert " tensorflow: not installed\n" in capsys.readouterr().out


def test_no_package_is_imported():
    code = (
        "import sys; from skmnist._show_versions import show_versions; show_versions();"
        "assert not {'tensorflow', 'keras', 'matplotlib', 'onnx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
