import csv
import inspect
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from typer.testing import CliRunner

import skmnist
import skmnist._cli.inputs
from skmnist import MNISTClassifier
from skmnist._cli.app import app
from skmnist._cli.search_grid import format_value, parse_grid

# Two combinations, two folds.
SMALL = ("--dataset", "digits", "--param", "hidden_layer_sizes=none,8")
SMALL += ("--epochs", 1, "--cv", 2)


def search(*args):
    args = ["search", *map(str, args)]
    return CliRunner().invoke(app, args, catch_exceptions=False)


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def read_scores(path):
    """Return the results without the times."""
    rows = read_csv(path)
    for row in rows:
        del row["mean_fit_time"]
    return rows


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A run of search with most options: (result, folder)."""
    folder = tmp_path_factory.mktemp("searched")
    files = ["--out", folder / "best.onnx", "--results", folder / "scores.csv"]
    grid = ["--param", "learning_rate=1e-3,0.01,1e30", "--param", "epochs=2"]
    grid += ["--param", "hidden_layer_sizes=8,8x4"]
    result = search("--dataset", "digits", *grid, *files, "--seed", 1, "--jobs", 2)
    assert result.exit_code == 0
    return result, folder


@pytest.fixture(scope="module")
def training_data():
    """The images that the command line trains on."""
    return skmnist._cli.inputs._load_digits("train")


@pytest.fixture
def count_fits(monkeypatch):
    """A list that gets the parameters of each fit from now on."""
    fits, fit = [], MNISTClassifier.fit

    def counted(self, *args):
        fits.append(self.get_params())
        return fit(self, *args)

    monkeypatch.setattr(MNISTClassifier, "fit", counted)
    return fits


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_results_are_those_of_grid_search_cv(searched, training_data):
    grid = {
        "epochs": [2],
        "hidden_layer_sizes": [(8,), (8, 4)],
        "learning_rate": [0.001, 0.01, 1e30],
    }
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    expected = GridSearchCV(
        MNISTClassifier(random_state=1), grid, cv=folds, refit=False
    )
    expected = expected.fit(*training_data).cv_results_
    rows = read_csv(searched[1] / "scores.csv")
    assert [int(row["rank_test_score"]) for row in rows] == [1, 2, 3, 4, 5, 5]
    for row in rows:
        widths = tuple(map(int, row["param_hidden_layer_sizes"].split("x")))
        rate = float(row["param_learning_rate"])
        assert row["param_epochs"] == "2"
        params = {"epochs": 2, "hidden_layer_sizes": widths, "learning_rate": rate}
        i = expected["params"].index(params)
        for name in row:
            if name.endswith("_test_score"):
                np.testing.assert_array_equal(float(row[name]), expected[name][i])
        assert row["error"].startswith("ValueError: Training diverged") == (rate > 1)


def test_a_table_shows_the_best_first(searched):
    result, folder = searched
    table = result.stdout.partition("\nRank ")[2].splitlines()
    assert table[0].split()[-4:] == ["accuracy", "Std", "Fit", "(s)"]
    for line, row in zip(table[1:], read_csv(folder / "scores.csv"), strict=False):
        cells = line.split()
        names = ("epochs", "hidden_layer_sizes", "learning_rate")
        assert cells[1:4] == [row[f"param_{name}"] for name in names]
        assert cells[0] == row["rank_test_score"]
        assert cells[4] == f"{float(row['mean_test_score']):.4f}"
    assert not re.search(r"[^\n -~]", result.stdout)


def test_every_fit_gets_a_line(searched):
    lines = re.findall(
        r"^Fit .*  fold [123]  accuracy .*  [\d.]+ s$", searched[0].stdout, re.M
    )
    assert len(lines) == 18
    assert lines[0].startswith("Fit  1/18  ")


def test_failed_fits_are_reported(searched):
    lines = searched[0].stderr.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert re.match(r"Warning: .*learning_rate=1e\+30 failed: ValueError: T", line)


def test_the_best_is_trained_on_all_images_and_saved(searched, training_data):
    result, folder = searched
    best = MNISTClassifier.load(folder / "best.onnx")
    params = read_csv(folder / "scores.csv")[0]
    assert format_value(best.hidden_layer_sizes) == params["param_hidden_layer_sizes"]
    alone = MNISTClassifier(**best.get_params()).fit(*training_data)
    np.testing.assert_array_equal(best.coefs_[0], alone.coefs_[0])
    accuracy = alone.score(*skmnist._cli.inputs._load_digits("test"))
    where = "450 images of scikit-learn's digits"
    assert result.stdout.endswith(f"Test accuracy: {accuracy:.4f} ({where})\n")
    assert best.random_state == 1


def test_finished_fits_are_not_repeated(searched, count_fits):
    _, folder = searched
    grid = ["--param", "learning_rate=0.01,1e-3", "--param", "hidden_layer_sizes=8"]
    options = ["--results", folder / "scores.csv", "--seed", 1]
    before = read_scores(folder / "scores.csv")
    result = search("--dataset", "digits", *grid, "--epochs", 2, *options)
    assert "6 of them were finished before\n" in result.stdout
    assert count_fits == []
    rows = read_scores(folder / "scores.csv")
    scores = [row["mean_test_score"] for row in before if row["error"] == ""]
    assert {row["mean_test_score"] for row in rows} <= set(scores)


@pytest.mark.parametrize(
    "changed", [["--cv", 3], ["--seed", 1], ["--scoring", "f1_macro"], ["--epochs", 2]]
)
def test_another_search_reuses_nothing(changed, tmp_path, count_fits):
    results = ["--results", tmp_path / "scores.csv"]
    search(*SMALL, *results)
    n_before = len(count_fits)
    result = search(*SMALL, *changed, *results)
    assert "finished before" not in result.stdout
    assert len(count_fits) - n_before == (6 if "--cv" in changed else 4)


def test_results_do_not_depend_on_the_number_of_jobs(tmp_path):
    for jobs in (1, 2, -1):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        search(*SMALL, "--jobs", jobs, "--results", folder / "scores.csv")
    one, two, all_of_them = (
        read_scores(tmp_path / name / "scores.csv") for name in ("1", "2", "-1")
    )
    assert one == two == all_of_them


def test_random_draws_as_many_combinations(count_fits):
    options = ["--random", 3, "--param", "alpha=0,1e-3,1e-2", "--seed", 5]
    result = search(*SMALL, *options)
    assert "3 combinations x 2 folds = 6 fits" in result.stdout
    drawn = {(fit["alpha"], fit["hidden_layer_sizes"]) for fit in count_fits}
    assert len(drawn) == 3
    count_fits.clear()
    search(*SMALL, *options)
    again = {(fit["alpha"], fit["hidden_layer_sizes"]) for fit in count_fits}
    assert drawn == again


def test_random_draws_no_more_than_there_are():
    result = search(*SMALL, "--random", 9)
    assert "2 combinations x 2 folds = 4 fits" in result.stdout
    assert result.stderr == ""


def test_the_table_has_twenty_rows_at_most(monkeypatch):
    monkeypatch.setattr(MNISTClassifier, "fit", lambda self, X, y: self)
    monkeypatch.setattr(MNISTClassifier, "predict", lambda self, X: np.zeros(len(X)))
    values = ",".join(f"{i / 100}" for i in range(21))
    result = search("--dataset", "digits", "--param", f"dropout={values}")
    assert "The best 20 of 21 combinations\n" in result.stdout
    table = result.stdout.partition("\nRank ")[2].strip().splitlines()
    assert len(table) == 21


def test_a_search_whose_fits_all_fail_saves_nothing(tmp_path):
    files = ["--out", tmp_path / "best.onnx", "--results", tmp_path / "scores.csv"]
    grid = ["--param", "learning_rate=1e30", "--param", "hidden_layer_sizes=8"]
    result = search("--dataset", "digits", "--epochs", 1, *grid, *files)
    assert result.exit_code == 1
    assert result.stderr.endswith("no combination has a score in every fold.\n")
    assert read_csv(tmp_path / "scores.csv")[0]["mean_test_score"] == "nan"
    assert not (tmp_path / "best.onnx").exists()


def test_the_journal_stays_if_the_network_cannot_be_saved(monkeypatch, tmp_path):
    def save(self, path):
        raise OSError("No space left on device")

    monkeypatch.setattr(MNISTClassifier, "save", save)
    result = search(*SMALL, "--out", tmp_path / "best.onnx")
    assert result.exit_code == 1
    assert re.fullmatch(
        r"Error: '.*best.onnx' cannot be written: No space left on device; 4 of 4 fits "
        r"are kept in '.*best.onnx.journal'; the same command continues from there.\n",
        result.stderr,
    )
    assert len((tmp_path / "best.onnx.journal").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ([], "Missing option '--param'."),
        (["--param", "learning_rat=1"], "'learning_rat'. Did you mean 'learning_rate'"),
        (["--param", "foo=1"], "called 'foo'. Choose from activation, alpha, "),
        (["--param", "verbose=1"], "no parameter to search over is called 'verbose'"),
        (["--param", "alpha"], "`alpha` must be followed by = and values"),
        (["--param", "alpha=1,"], "`alpha` must be followed by = and values"),
        (["--param", "epochs=5,0"], "`epochs` must be at least 1, got 0."),
        (["--param", "epochs=1.5"], "`epochs` must be an integer, got 1.5."),
        (["--param", "alpha=x"], "`alpha` must be a number, got 'x'."),
        (["--param", "alpha=nan"], "`alpha` must be at least 0, got nan."),
        (["--param", "batch_norm=1"], "`batch_norm` must be True or False, got 1."),
        (["--param", "hidden_layer_sizes=8x0"], "at least 1, got (8, 0)."),
        (["--param", "hidden_layer_sizes=8;8"], "must be whole numbers joined by x"),
        (["--param", "alpha=1,1.0"], "the values of `alpha` must differ, got '1.0'"),
        (["--param", "alpha=1", "--param", "alpha=2"], "`alpha` is given twice"),
        (["--param", "epochs=1", "--epochs", "2"], "both as --epochs and as --param"),
        (["--param", "alpha=1", "--epochs", "0"], "'--epochs': `epochs` must be at le"),
        (["--param", "alpha=1", "--cv", "1"], "'--cv'"),
        (["--param", "alpha=1", "--cv", "500"], "'--cv'"),
        (["--param", "alpha=1", "--random", "0"], "'--random'"),
        (["--param", "alpha=1", "--seed", "-1"], "'--seed'"),
        (["--param", "alpha=1", "--jobs", "0"], "must be at least 1, or -1, got 0."),
        (["--param", "alpha=1", "--scoring", "acuracy"], "Did you mean 'accuracy'?"),
        (["--param", "alpha=1", "--scoring", "acc"], "Did you mean 'accuracy'?"),
        (["--param", "alpha=1", "--scoring", "foo"], "get_scorer_names()"),
        (["--param", "alpha=1", "--scoring", "precision"], "cannot score these labels"),
        (["--param", "alpha=1", "--out", "nowhere/m"], "nowhere' does not exist."),
        (["--param", "alpha=1", "--results", "nowhere/m"], "nowhere' does not exist."),
        (["--param", "alpha=1", "--results", "."], "'--results'"),
        (
            ["--param", "alpha=1", "--results", "a.onnx", "--out", "a.onnx"],
            "the file of --out",
        ),
        (["--param", "alpha=1", "--results", "taken"], "is not the journal of a sear"),
        (["--param", "alpha=1", "--out", "folder.onnx"], "folder.onnx.journal"),
    ],
)
def test_bad_input_is_refused_before_any_fit(
    args, fault, tmp_path, monkeypatch, count_fits
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.journal").write_text("something else\n")
    (tmp_path / "folder.onnx.journal").mkdir()
    result = search("--dataset", "digits", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: [^\n]+\n", result.stderr)
    assert fault in result.stderr
    assert count_fits == []


def test_words_become_constants_numbers_or_names():
    grid = parse_grid(
        [
            "hidden_layer_sizes = 128, 64x32, (32, 16), none",
            "learning_rate=1e-3",
            "batch_norm=True,false",
            "class_weight=None,balanced",
            "random_state=1,2",
        ]
    )
    assert grid == {
        "hidden_layer_sizes": [(128,), (64, 32), (32, 16), ()],
        "learning_rate": [0.001],
        "batch_norm": [True, False],
        "class_weight": [None, "balanced"],
        "random_state": [1, 2],
    }
    for name, values in grid.items():
        typed = ",".join(map(format_value, values))
        assert parse_grid([f"{name}={typed}"]) == {name: values}


def test_the_default_of_epochs_is_that_of_the_estimator():
    option = inspect.signature(skmnist._cli.search.search).parameters["epochs"]
    (help_text,) = (extra.help for extra in option.annotation.__metadata__)
    assert f"{MNISTClassifier().epochs} by default" in help_text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_killed_search_resumes(name, tmp_path, count_fits):
    results, journal = tmp_path / "scores.csv", tmp_path / "scores.csv.journal"
    options = ["--dataset", "digits", "--param", "hidden_layer_sizes=16,24"]
    options += ["--epochs", "40", "--results"]
    shown, status, warning = kill_after_two_fits([*options, str(results)], name)
    before = journal.read_bytes()
    n_done = before.count(b"\n")
    assert 2 <= n_done < 6
    assert re.search(r"Fit [1-5]/6 .*━.*last accuracy 0\.\d{4}", shown)
    if name == "SIGINT":
        assert status == 130
        assert warning == (
            f"Interrupted; {n_done} of 6 fits are kept in '{journal}'; the same "
            "command continues from there.\n"
        )
    result = search(*options, results)
    assert f"{n_done} of them were finished before\n" in result.stdout
    assert len(count_fits) == 6 - n_done
    assert journal.read_bytes().startswith(before)
    search(*options, tmp_path / "at_once.csv")
    assert read_scores(results) == read_scores(tmp_path / "at_once.csv")


def kill_after_two_fits(options, name):
    """Search on a terminal; return its output, the exit status and the warnings."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "skmnist", "search", *options]
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    shown = b""
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        os.close(theirs)
        while not re.search(rb"Fit [2-6]/6", shown):
            shown += os.read(ours, 4096)
        process.send_signal(getattr(signal, name))
        _, warning = process.communicate(timeout=30)
    os.close(ours)
    return shown.decode(), process.returncode, warning
