"""A few of the cases that `python -m tests.fuzz` runs by the thousand."""

import sys

import pytest

from tests.fuzz.cases import run_case

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the harness needs Linux"
)


@pytest.mark.parametrize("index", range(60))
def test_hostile_input_ends_in_a_result_or_a_clear_error(index, tmp_path):
    assert run_case(0, index, tmp_path) in ("result", "error")
