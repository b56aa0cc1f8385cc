"""The kernel in the package is what its sources say, and depends on nothing else."""

import subprocess
import sys

import llvmlite.binding as llvm
import pytest

from kernel.digest import DIGEST, digest_sources
from kernel.entries import ENTRIES
from skmnist._training.machine_code import BITCODE, NAMES, prefixed

# Of the mathematical library of C, which every process has.
FUNCTIONS_OF_C = {"sqrtf", "tanhf", "expm1f"}


@pytest.fixture(scope="module")
def shipped():
    return llvm.parse_bitcode(BITCODE.read_bytes())


def check(kernel):
    """Check that a kernel was made of today's sources, and what it refers to."""
    digest = str(kernel.get_global_variable(DIGEST))
    assert digest_sources() in digest, "run `python -m kernel.build`"
    declared = {f.name for f in kernel.functions if f.is_declaration}
    assert {n for n in declared if not n.startswith("llvm.")} <= FUNCTIONS_OF_C
    assert {prefixed(name) for name in NAMES} <= {f.name for f in kernel.functions}


def test_the_kernel_was_built_from_these_sources(shipped):
    check(shipped)


def test_the_package_knows_the_functions_of_the_kernel():
    assert tuple(entry.__name__ for entry in ENTRIES) == NAMES


@pytest.mark.slow
def test_the_sources_can_be_built(tmp_path):
    command = [sys.executable, "-m", "kernel.build", tmp_path / "kernel.bc"]
    subprocess.run(command, check=True, capture_output=True)
    check(llvm.parse_bitcode((tmp_path / "kernel.bc").read_bytes()))
