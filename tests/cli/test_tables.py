import io
import re

import numpy as np
import pytest
from rich.console import Console

from skmnist._cli.tables import print_scores, print_search


def show(function, width, *args):
    console = Console(
        file=io.StringIO(), force_terminal=True, width=width, markup=False
    )
    function(console, *args)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()).splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    return lines


@pytest.mark.parametrize("width", [60, 80, 110])
def test_numbers_are_whole_at_any_width(width):
    y_true = np.repeat(np.arange(10), 1100)
    y_pred = y_true.copy()
    y_pred[:2000:2] = 4
    lines = show(print_scores, width, y_true, y_pred, "MNIST")
    start = next(i for i, line in enumerate(lines) if line.startswith("Confusion"))
    rows = [line.split() for line in lines[start + 3 : start + 13]]
    counts = np.array(rows, dtype=int)[:, 1:]
    assert counts.sum() == 11_000
    assert counts[0, 4] == 550
    assert lines[-1] == "Test accuracy: 0.9091 (11,000 images of MNIST)"


@pytest.mark.parametrize("width", [60, 80, 110])
def test_scores_of_a_search_are_whole_at_any_width(width):
    params = {"hidden_layer_sizes": "128x64", "learning_rate_schedule": "constant"}
    results = {
        "params": [params],
        "rank_test_score": np.array([1]),
        "mean_test_score": np.array([0.91234]),
        "std_test_score": np.array([0.01234]),
        "mean_fit_time": np.array([123.456]),
    }
    lines = show(print_search, width, results, "accuracy", str)
    row = [line.split() for line in lines if "0.9123" in line]
    assert row == [["1", "128x64", "constant", "0.9123", "0.0123", "123.46"]]
