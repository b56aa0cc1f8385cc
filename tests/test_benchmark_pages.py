"""The layout of the pages that the benchmarks write."""

import os
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

report = pytest.importorskip("_report", reason="the benchmarks are not here")


def test_columns_of_numbers_are_aligned_to_the_right():
    rows = [("", "images", "time", "note"), ("fit", 60_000, "2.4 s ± 0.1", "3 cores")]
    lines = report.format_table(rows).splitlines()
    assert lines[1] == "| --- | ---: | ---: | --- |"
    assert lines[2] == "| fit | 60,000 | 2.4 s ± 0.1 | 3 cores |"


@pytest.mark.parametrize("heading", ["", "megapixels"])
def test_a_first_column_of_numbers_without_a_heading_holds_names(heading):
    lines = report.format_table([(heading, "seconds"), (0, "1.5"), (1, "1.7")])
    mark = "---:" if heading else "---"
    assert lines.splitlines()[1] == f"| {mark} | ---: |"


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.98], "98.00 %"), ([0.97, 0.99], "98.00 % ± 1.41"), ([10.5], "1,050.00 %")],
)
def test_a_spread_is_a_mean_and_a_standard_deviation(values, text):
    assert report.spread(values, 100, 2, " %") == text


def test_a_page_begins_with_the_answer_and_ends_with_how_it_was_measured(tmp_path):
    path = tmp_path / "page.md"
    chart = report.draw_bars({"a": 1, "b": 2}, "seconds", ours=["a"]), "Bars."
    sections = {"Time": [("", "seconds"), ("a", "1.0")], "Text": "Words."}
    report.write_report(path, "Title", "Answer.", sections, ["Machine."], chart)
    text = path.read_text(encoding="utf-8")
    parts = "# Title", "Answer.", "](page.svg)", "## Time", "## Text", "- Machine."
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.endswith("\n</details>\n")
    assert (tmp_path / "page.svg").stat().st_size < 50_000


def test_the_same_chart_is_the_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        figure = report.draw_groups({"x": {"a": 90, "b": 50}}, "accuracy in %")
        report.save_chart(figure, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_nothing_is_kept_of_a_page_that_is_not_complete():
    chart = report.draw_bars({"a": 1}, "seconds"), "Bars."
    report.write_report(os.devnull, "Title", "Answer.", {}, [], chart)
    assert not Path(f"{os.devnull}.svg").exists()
