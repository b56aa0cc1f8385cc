"""A few of the cases that `python -m tests.fuzz` runs by the thousand."""

import sys

import pytest

from tests.fuzz.cases import choose_kind, run_case

if sys.platform != "linux":
    pytest.skip("The harness needs Linux.", allow_module_level=True)

# Reading pictures takes too long here.
INDICES = [i for i in range(60) if choose_kind(0, i)[0] != "picture"]


@pytest.mark.parametrize("index", INDICES)
def test_hostile_input_ends_in_a_result_or_a_clear_error(index, tmp_path):
    assert run_case(0, index, tmp_path) in ("result", "error")
