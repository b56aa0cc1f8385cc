import subprocess
import sys

import numpy as np
import pytest

from skmnist._displays.style import PERCENT, format_share


@pytest.mark.parametrize(
    ("share", "decimals", "expected"),
    [
        (0.973, 2, "97.30"),
        (np.float64(0.975), 0, "98"),
        (0.99999, 2, ">99.99"),
        (0.9996, 0, ">99"),
        (0.00001, 1, "<0.1"),
        (0.001, 0, "<1"),
        (1, 2, "100.00"),
        (0, 0, "0"),
    ],
)
def test_only_exact_shares_are_shown_as_0_or_100_percent(share, decimals, expected):
    assert format_share(share, decimals) == expected + PERCENT


def test_displays_import_matplotlib_only_to_draw():
    code = (
        "import sys, skmnist;"
        "skmnist.DigitGridDisplay([]), skmnist.WeightsDisplay([]);"
        "skmnist.RiskCoverageDisplay([], [], []);"
        "skmnist.TrainingHistoryDisplay(history={});"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
