import inspect
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import skmnist
import skmnist._cli.app
from skmnist import RECIPES, MNISTClassifier, load_digits28
from skmnist._cli.app import app
from tests.estimator.test_saving import pack, unpack
from tests.network.test_onnx_graph import make_classifier

SMALL = ("train", "--dataset", "digits", "--hidden-layer-sizes", "16")
PROGRAM = (sys.executable, "-m", "skmnist")


def run(*args, **env):
    """Run a command in this process."""
    args = [str(arg) for arg in args]
    return CliRunner().invoke(app, args, env=env, catch_exceptions=False)


def number(name, output):
    """Return the number that the output prints after a name."""
    return float(re.search(rf"^{name} *:? +([\d.]+)", output, re.MULTILINE)[1])


def assert_plain(text):
    assert not re.search(r"[^\n -~]", text), "control characters, or not ASCII"


def assert_refused(result, fault):
    """Assert status 2, no output, and one line on stderr that names the fault."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: [^\n]+\n", result.stderr)
    assert fault in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        *(("info", ""), ("evaluate", ""), ("predict", ""), ("read", "")),
        *(("predict", "a.png", ""), ("read", "--out", "", "a.png")),
        *(("train", "--out", ""), ("train", "--report", ""), ("train", "--out=")),
        *(("evaluate", "a.onnx", "--report="), ("fetch", "--data-home", "")),
        ("search", "--param", "epochs=1", "--results", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_refused(args, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(run(*args), "an argument must not be empty")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "form", [("--hidden-layer-sizes", ""), ("--hidden-layer-sizes=",)], ids=len
)
def test_an_empty_list_of_widths_is_no_hidden_layer(form, tmp_path):
    options = ["--dataset", "digits", "--epochs", 1, "--out", tmp_path / "a.onnx"]
    assert run("train", *options, *form).exit_code == 0
    assert MNISTClassifier.load(tmp_path / "a.onnx").hidden_layer_sizes == ()


HOSTILE = [
    *("1\n0  9.png  9  1.0000", "\x1b[2Jx", "\r2", "\u202e3", "\u2028", "$"),
    "\ue000",  # replaced by a lone surrogate, which no string can be encoded with
]


@pytest.fixture
def hostile(tmp_path):
    """A file whose labels and names would forge lines or change the terminal."""
    classifier = make_classifier(
        np.array(sorted(HOSTILE), dtype=object), n_features=784, shape=(28, 28)
    )
    classifier.history_ = {name: [0.5] for name in HOSTILE}
    classifier.set_params(class_weight={HOSTILE[0]: 2.0})
    path = tmp_path / "hostile.onnx"
    classifier.save(path)
    model, described = unpack(path.read_bytes())
    text = json.dumps(described).replace(r"\ue000", r"\ud800")
    path.write_bytes(pack(model, text))
    return path


def test_info_escapes_what_a_file_says(hostile):
    result = run("info", hostile)
    assert result.exit_code == 0
    assert_plain(result.stdout)
    lines = result.stdout.splitlines()
    assert sum(line.startswith("0  9.png") for line in lines) == 0
    assert sum(line.startswith("last ") for line in lines) == len(HOSTILE)


def test_evaluate_escapes_what_a_file_says(hostile):
    result = run("evaluate", hostile, "--dataset", "digits")
    assert result.exit_code == 2
    assert_plain(result.stderr)
    assert re.fullmatch(r"Error: .*its labels must be digits.*\n", result.stderr)


@pytest.mark.parametrize("command", ["predict", "read"])
def test_pictures_escape_what_a_file_says(command, hostile, tmp_path):
    digits = load_digits28().images
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(12):
        picture = Image.fromarray(255 - np.pad(digits[i], 20))
        picture.save(folder / f"{i}\n0  9.png")
    result = run(command, hostile, folder)
    assert result.exit_code == 0
    assert_plain(result.stdout + result.stderr)
    lines = result.stdout.splitlines()
    assert len(lines) in (12, 24)
    assert not [line for line in lines if line.startswith("0  9")]
    json.loads(run(command, "--json", hostile, folder).stdout)


def test_the_report_escapes_what_a_file_says(tmp_path):
    classifier = make_classifier(n_features=784, shape=(28, 28))
    classifier.set_params(class_weight={"\x1b<b>\n": 2.0})
    path = tmp_path / "\udcff\x1b<i>\u202e.onnx"
    classifier.save(path)
    result = run("evaluate", path, "--dataset", "digits", "--report", tmp_path)
    assert result.exit_code == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search("[\x1b\u202e]|<i>|<b>", page)
    assert "\\udcff\\x1b&lt;i&gt;\\u202e.onnx" in page


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of train with most options: (result, model, folder of the report)."""
    folder = tmp_path_factory.mktemp("trained")
    model, report = folder / "model.onnx", folder / "new" / "report"
    options = ["--epochs", 3, "--validate", "--seed", 0]
    result = run(*SMALL, *options, "--out", model, "--report", report)
    assert result.exit_code == 0
    return result, model, report


@pytest.fixture
def no_mnist(monkeypatch, tmp_path):
    """Set the variable to a folder without MNIST."""
    monkeypatch.setenv("SKMNIST_DATA", str(tmp_path))


@pytest.fixture
def fake_mnist(monkeypatch):
    """Replace MNIST by twenty images, ten to train on and ten to test on."""
    bunch = load_digits28()
    parts = {"all": slice(20), "train": slice(10), "test": slice(10, 20)}

    def fetch_mnist(*, subset="all", return_X_y=False, **options):
        X, y = bunch.data[parts[subset]], bunch.target[parts[subset]]
        return (X, y) if return_X_y else type(bunch)(data=X, target=y)

    monkeypatch.setattr(skmnist, "fetch_mnist", fetch_mnist)


@pytest.fixture
def no_network(monkeypatch):
    """Make every download fail, with a message of several lines."""

    def fetch_mnist(**options):
        raise OSError("No mirror of MNIST serves it:\n- one: refused\n- two: refused")

    monkeypatch.setattr(skmnist, "fetch_mnist", fetch_mnist)


def test_version():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"skmnist {skmnist.__version__}\n")


def test_python_m_skmnist_is_the_same():
    done = subprocess.run([*PROGRAM, "foo"], capture_output=True, text=True)
    result = run("foo")
    assert (done.returncode, done.stderr) == (2, result.stderr)


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (["foo"], "No such command 'foo'."),
        (["train", "--foo"], "No such option: --foo"),
        (
            ["train", "--epochs", "ten"],
            "'--epochs': must be a whole number, got 't",
        ),
        (["train", "--alpha", "x"], "'--alpha': must be a number, got 'x'."),
        (["train", "--network", "cnn"], "'cnn' is not one of 'dense', 'conv'."),
        (["train", "--epochs", "0"], "--epochs must be at least 1, got 0."),
        (["train", "--dropout", "1"], "--dropout must be at least 0 and below 1"),
        (["train", "--optimizer", "foo"], "--optimizer must be one of 'adadelta'"),
        (["train", "--dataset", "foo"], "'foo' is not one of 'auto', 'mnist'"),
        (["train", "--hidden-layer-sizes", "9,x"], "must be whole numbers joined by x"),
        (["train", "--hidden-layer-sizes", "0"], "--hidden-layer-sizes must be"),
        (["train", "--out", "nowhere/m.onnx"], "nowhere' does not exist."),
        (["train", "--out", "."], "'--out'"),
        (["train", "--report", __file__], "'--report'"),
        (["train", "--report", f"{__file__}/new"], "cannot be made: "),
        (["evaluate"], "'--model': a network must be given."),
        (["evaluate", "nowhere.onnx"], "'nowhere.onnx' does not exist."),
        (["evaluate", __file__], "test_app.py' is not a network saved by skmnist."),
        (["info", __file__], "test_app.py' is not a network saved by skmnist."),
    ],
)
def test_bad_input_is_refused_in_one_line(args, fault):
    assert_refused(run(*args), fault)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in inspect.signature(skmnist._cli.app.train).parameters
        if name in MNISTClassifier().get_params() and name != "hidden_layer_sizes"
    ],
)
def test_defaults_are_those_of_the_estimator(name):
    default = inspect.signature(skmnist._cli.app.train).parameters[name].default
    assert default == MNISTClassifier().get_params()[name]


def test_a_recipe_sets_all_options_that_are_not_typed(tmp_path):
    model = tmp_path / "model.onnx"
    options = "--recipe conv --epochs 1 --batch-size 32 --random-state 0"
    result = run("train", "--dataset", "digits", *options.split(), "--out", model)
    assert result.exit_code == 0
    typed = {"epochs": 1, "batch_size": 32, "random_state": 0}
    expected = MNISTClassifier(**RECIPES["conv"] | typed)
    assert MNISTClassifier.load(model).get_params() == expected.get_params()


def test_an_ensemble_says_how_many_networks_it_has(tmp_path):
    options = "--recipe ensemble --network dense --epochs 1 --dataset digits"
    folder = tmp_path / "report"
    result = run("train", *options.split(), "--report", folder)
    assert result.exit_code == 0
    assert re.search(r"Trained 5 networks \(1 epoch each\) in ", result.stdout)
    assert "5 networks of" in (folder / "report.html").read_text("utf-8")


def test_an_unknown_recipe_is_refused():
    assert_refused(
        run("train", "--recipe", "cnn"), "'cnn' is not one of 'notebook', 'fast'"
    )


def test_options_reach_the_network(tmp_path):
    model = tmp_path / "model.onnx"
    options = "--epochs 2 --batch-size 64 --learning-rate 0.01 --dropout 0.25"
    options += " --batch-norm --optimizer sgd --alpha 0.001 --random-state 7"
    options += " --learning-rate-schedule cosine --augmentation affine"
    options += " --label-smoothing 0.1 --calibrate"
    assert run(*SMALL, *options.split(), "--out", model).exit_code == 0
    assert (
        MNISTClassifier.load(model).get_params()
        == MNISTClassifier(
            hidden_layer_sizes=(16,),
            epochs=2,
            batch_size=64,
            learning_rate=0.01,
            dropout=0.25,
            batch_norm=True,
            optimizer="sgd",
            alpha=0.001,
            learning_rate_schedule="cosine",
            augmentation="affine",
            label_smoothing=0.1,
            calibrate=True,
            random_state=7,
        ).get_params()
    )


def test_training_prints_a_plain_line_an_epoch(trained):
    result, _, _ = trained
    assert_plain(result.stdout)
    assert result.stderr == ""
    lines = re.findall(r"^Epoch .*loss \d.*$", result.stdout, re.MULTILINE)
    assert [line[:9] for line in lines] == ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"]
    assert result.stdout.count("val_accuracy") == 3


def test_the_printed_scores_are_those_of_the_saved_network(trained):
    result, model, _ = trained
    assert "Trained 3 epochs in " in result.stdout
    assert f"Saved {model}\n" in result.stdout
    assert number("Test accuracy", result.stdout) > 0.5
    evaluated = run("evaluate", model, "--dataset", "digits")
    assert evaluated.exit_code == 0
    start = result.stdout.index("\nClass ")
    assert evaluated.stdout.endswith(result.stdout[start:].partition("Report")[0])


def test_the_tables_hold_the_classes_and_agree(trained):
    result, _, _ = trained
    scores, matrix = result.stdout.split("Confusion matrix")
    scores = [
        line.split() for line in scores.splitlines() if line[:5].strip().isdigit()
    ]
    matrix = matrix.partition("\n\n")[0]
    counts = np.array([line.split() for line in matrix.splitlines()[2:]], dtype=int)
    assert [row[0] for row in scores] == [str(digit) for digit in range(10)]
    np.testing.assert_array_equal(counts[:, 0], np.arange(10))
    counts = counts[:, 1:]
    assert [int(row[4]) for row in scores] == counts.sum(axis=1).tolist()
    recalls = [float(row[2]) for row in scores]
    np.testing.assert_allclose(recalls, counts.diagonal() / counts.sum(1), atol=1e-4)
    accuracy = number("Test accuracy", result.stdout)
    np.testing.assert_allclose(accuracy, counts.trace() / counts.sum(), atol=1e-4)


@pytest.mark.parametrize("name", ["learning_curves.png", "confusion_matrix.png"])
def test_the_report_holds_pictures(name, trained):
    _, _, report = trained
    assert (report / name).read_bytes().startswith(b"\x89PNG")


def test_the_report_shows_how_the_network_was_trained(trained):
    result, _, report = trained
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "<dt>Held out for validation</dt><dd>135 more</dd>" in page
    assert "<dt>Images</dt><dd>1,212</dd>" in page
    shown = re.search(r'<p class="score">([\d.]+)', page)[1]
    assert float(shown) == pytest.approx(
        100 * number("Test accuracy", result.stdout), abs=0.01
    )


def test_early_stopping_names_the_epoch_it_kept(tmp_path):
    model = tmp_path / "model.onnx"
    options = ["--epochs", 3, "--early-stopping", "--out", model]
    result = run(*SMALL, *options)
    best = MNISTClassifier.load(model).best_epoch_
    assert f"the weights are those of epoch {best}\n" in result.stdout
    assert number("best epoch", run("info", model).stdout) == best


def test_auto_evaluates_on_mnist(fake_mnist, trained):
    _, model, _ = trained
    result = run("evaluate", model)
    assert f"{model} on MNIST: 10 images\n" in result.stdout
    assert result.stderr == ""


def test_auto_trains_on_mnist(fake_mnist):
    result = run("train", "--hidden-layer-sizes", "16", "--epochs", 1)
    assert "Training on MNIST: 10 images\n" in result.stdout


def test_auto_falls_back_to_the_digits_and_says_so(no_mnist, trained):
    _, model, _ = trained
    result = run("evaluate", model)
    assert result.exit_code == 0
    assert f"{model} on scikit-learn's digits: 450 images\n" in result.stdout
    assert result.stdout.endswith(" (450 images of scikit-learn's digits)\n")
    why, what = result.stderr.splitlines()
    assert re.fullmatch(
        r"MNIST is not available: .*SKMNIST_DATA.* does not hold it\.", why
    )
    assert what.startswith("Using scikit-learn's 1,797 digits instead. For MNIST, run ")


def test_the_fallback_says_that_there_may_be_no_network(no_network, trained):
    _, model, _ = trained
    result = run("evaluate", model)
    why = "MNIST is not available: No mirror of MNIST serves it (is there a network "
    assert result.stderr.startswith(f"{why}connection?).\n")


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_mnist_does_not_fall_back_to_the_digits(command, no_mnist, trained):
    _, model, _ = trained
    result = run(command, *[model][: command == "evaluate"], "--dataset", "mnist")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "SKMNIST_DATA" in result.stderr


def test_evaluate_writes_a_report(trained, tmp_path):
    _, model, _ = trained
    result = run("evaluate", model, "--dataset", "digits", "--report", tmp_path)
    assert result.stdout.splitlines()[-1] == f"Report: {tmp_path / 'report.html'}"
    names = ["confusion_matrix.png", "learning_curves.png", "report.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1>model.onnx on scikit-learn&#x27;s digits</h1>" in page
    assert "Training time" not in page


def test_a_report_that_cannot_be_written_is_a_failure(trained, tmp_path):
    _, model, _ = trained
    (tmp_path / "report.html").mkdir()
    result = run("evaluate", model, "--dataset", "digits", "--report", tmp_path)
    assert result.exit_code == 1
    assert "Test accuracy" in result.stdout
    assert re.fullmatch(r"Error: [^\n]+report\.html[^\n]*\n", result.stderr)


def test_evaluate_refuses_a_network_for_other_pixels(fitted, tmp_path):
    fitted.save(tmp_path / "model.onnx")
    result = run("evaluate", tmp_path / "model.onnx", "--dataset", "digits")
    assert result.exit_code == 2
    assert "X has 784 features" in result.stderr
    assert result.stderr.count("\n") == 1


def test_evaluate_accepts_labels_that_are_strings(tmp_path):
    X, y = load_digits28(return_X_y=True)
    MNISTClassifier(epochs=2).fit(X, y.astype(str)).save(tmp_path / "model.onnx")
    result = run("evaluate", tmp_path / "model.onnx", "--dataset", "digits")
    assert number("Test accuracy", result.stdout) > 0.5


def test_evaluate_refuses_labels_that_are_not_digits(tmp_path):
    X, y = load_digits28(return_X_y=True)
    labels = np.where(y < 5, "low", "high")
    MNISTClassifier(epochs=1).fit(X, labels).save(tmp_path / "model.onnx")
    result = run("evaluate", tmp_path / "model.onnx", "--dataset", "digits")
    assert result.exit_code == 2
    assert "labels must be digits, got ['high', 'low']" in result.stderr


def test_evaluate_refuses_a_damaged_file(trained, tmp_path):
    _, model, _ = trained
    content = model.read_bytes()
    (tmp_path / "half.onnx").write_bytes(content[: len(content) // 2])
    assert_refused(run("evaluate", tmp_path / "half.onnx"), "half.onnx")


def test_a_forced_colour_does_not_make_a_pipe_a_terminal(trained):
    _, model, _ = trained
    result = run("evaluate", model, "--dataset", "digits", FORCE_COLOR="1")
    assert_plain(result.stdout)


def test_fetch_says_where_mnist_is_and_how_many_images(
    fake_mnist, monkeypatch, tmp_path
):
    monkeypatch.delenv("SKMNIST_DATA", raising=False)
    result = run("fetch", "--data-home", tmp_path)
    assert result.stdout == f"MNIST: 20 images in {tmp_path / 'skmnist'}\n"


def test_fetch_prints_the_whole_message_of_the_loader(no_network):
    result = run("fetch")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "- one: refused\n- two: refused\n" in result.stderr


@pytest.mark.mnist
@pytest.mark.parametrize("command", ["fetch", "info"])
def test_mnist_is_found_where_the_variable_says(command):
    found = f"{os.environ['SKMNIST_DATA']} (SKMNIST_DATA)\n"
    assert run(command).stdout.endswith(found)


def test_info_shows_versions_and_that_mnist_is_missing(no_mnist, tmp_path):
    result = run("info")
    assert result.exit_code == 0
    assert " tensorflow: " in result.stdout
    assert f"MNIST: none in {tmp_path}" in result.stdout


def test_info_describes_a_model(trained):
    _, model, _ = trained
    result = run("info", model)
    assert result.exit_code == 0
    assert "\n12,730 parameters\n" in result.stdout
    assert re.search(r"^classes +0 1 2 3 4 5 6 7 8 9$", result.stdout, re.MULTILINE)
    assert re.search(r"^hidden_layer_sizes +\(16,\)$", result.stdout, re.MULTILINE)
    assert number("epochs trained", result.stdout) == 3
    assert number("last val_accuracy", result.stdout) > 0.5


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_that_training_is_prepared_and_then_a_bar(tmp_path):
    ours, theirs = os.openpty()
    command = [*PROGRAM, *SMALL, "--epochs", "3", "--validate"]
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    env["SKMNIST_KERNEL_CACHE"] = str(tmp_path)  # as after an installation
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env) as p:
        os.close(theirs)
        shown = read_terminal(ours)
        assert p.stderr.read() == b""
    os.close(ours)
    assert p.returncode == 0
    signs = ["Loading scikit-learn", "Compiling the training kernel (once for this"]
    places = [shown.find(sign) for sign in (*signs, "Preparing ...")]
    assert 0 <= places[0] < places[1] < places[2]
    assert re.search(
        r"Epoch 3/3 .*━.*loss \d\.\d+ \(val .*accuracy 0\.\d+ \(val", shown
    )
    assert "\x1b[" in shown
    assert "Test accuracy" in shown


def read_terminal(handle):
    """Return all that is written to a terminal until it is closed."""
    shown = b""
    try:
        while part := os.read(handle, 4096):
            shown += part
    except OSError:  # Linux's sign that the other end is closed
        pass
    return shown.decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_learned(tmp_path):
    model = tmp_path / "model.onnx"
    command = [*PROGRAM, *SMALL, "--epochs", "100000", "--out", str(model)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = iter(process.stdout.readline, "")
        assert any("Epoch      3/" in line for line in lines)
        process.send_signal(signal.SIGINT)
        rest, warning = process.communicate()
    assert process.returncode == 130
    assert re.fullmatch(r"Warning: interrupted after \d+ epochs?; .*\n", warning)
    assert "Test accuracy" in rest
    classifier = MNISTClassifier.load(model)
    assert 2 <= classifier.n_iter_ < 100_000
    assert f"Trained {classifier.n_iter_} epochs" in rest


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_ctrl_c_during_the_bar_keeps_what_was_learned(tmp_path):
    model = tmp_path / "model.onnx"
    command = [*PROGRAM, *SMALL, "--epochs", "100000", "--out", str(model)]
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    ours, theirs = os.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env) as p:
        os.close(theirs)
        shown = b""
        while not re.search(rb"Epoch [1-9]\d*/100000", shown):
            shown += os.read(ours, 4096)
        p.send_signal(signal.SIGINT)
        read_terminal(ours)
        warning = p.stderr.read().decode()
    os.close(ours)
    assert p.returncode == 130
    assert re.fullmatch(r"Warning: interrupted after \d+ epochs?; .*\n", warning)
    assert 1 <= MNISTClassifier.load(model).n_iter_ < 100_000
