import csv
import inspect
import json
import os
import re
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import skmnist
import skmnist._cli.app
from skmnist import DigitNormalizer, MNISTClassifier, NumberReader, load_digits28
from skmnist._cli.app import app
from tests.data.test_files import needs_fifos

DIGITS = load_digits28()
BOTH = pytest.mark.parametrize("command", ["predict", "read"])


def run(*args):
    """Run a command in this process."""
    args = [str(arg) for arg in args]
    return CliRunner().invoke(app, args, catch_exceptions=False)


def draw_page(*rows, zoom=4):
    """Draw rows of digits, given by their indices, dark on bright paper."""
    rows = [np.hstack(DIGITS.images[list(row)]) for row in rows]
    ink = np.pad(np.vstack(rows).repeat(zoom, axis=0).repeat(zoom, axis=1), 30)
    return Image.fromarray((235 - 0.75 * ink).astype(np.uint8))


def png_header(width, height):
    """Return a PNG file that ends before its pixels."""
    header = b"IHDR" + struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for chunk in (header, b"IDAT" + zlib.compress(b"")):
        parts += [struct.pack(">I", len(chunk) - 4), chunk]
        parts += [struct.pack(">I", zlib.crc32(chunk))]
    return b"".join(parts)


def assert_refused(result, fault):
    """Assert status 2, no output, and one line on stderr that names the fault."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: [^\n]+\n", result.stderr)
    assert fault in result.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A classifier and the file it is saved in."""
    classifier = MNISTClassifier(epochs=10, random_state=0)
    classifier.fit(DIGITS.data, DIGITS.target)
    path = tmp_path_factory.mktemp("model") / "digits.onnx"
    classifier.save(path)
    return classifier, path


@pytest.fixture
def model(trained):
    """The file of that classifier."""
    return trained[1]


@pytest.fixture
def pictures(tmp_path):
    """Three digits in MNIST's form as files: grey, coloured, with an alpha channel."""
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for i, (path, mode) in enumerate(zip(paths, ("L", "RGB", "RGBA"), strict=True)):
        Image.fromarray(DIGITS.images[i]).convert(mode).save(path)
    return paths


@pytest.fixture
def year(tmp_path):
    """A picture of 1984."""
    path = tmp_path / "year.png"
    draw_page([1, 9, 8, 4]).save(path)
    return path


@pytest.fixture
def blank(tmp_path):
    """A picture without ink."""
    path = tmp_path / "blank.png"
    Image.new("L", (90, 70), 240).save(path)
    return path


@pytest.fixture
def small_model(fitted, tmp_path):
    """The file of a network for images of 8x8 pixels."""
    path = tmp_path / "small.onnx"
    fitted.save(path)
    return path


def test_each_picture_gets_its_label_and_probability(trained, pictures):
    classifier, path = trained
    result = run("predict", path, *pictures)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    best = classifier.predict_proba(DIGITS.data[:3]).max(axis=1)
    assert [line[:2] for line in lines] == [
        [str(picture), str(digit)] for digit, picture in enumerate(pictures)
    ]
    np.testing.assert_allclose([float(line[2]) for line in lines], best, atol=1e-4)


def test_json_has_the_probability_of_every_class(trained, pictures):
    classifier, path = trained
    entries = json.loads(run("predict", path, *pictures, "--json").stdout)
    assert [entry["file"] for entry in entries] == list(map(str, pictures))
    assert [entry["label"] for entry in entries] == [0, 1, 2]
    shares = [entry["probabilities"] for entry in entries]
    np.testing.assert_allclose(
        [list(share.values()) for share in shares],
        classifier.predict_proba(DIGITS.data[:3]),
    )
    assert [list(share) for share in shares] == [list("0123456789")] * 3
    assert [entry["probability"] for entry in entries] == [
        max(share.values()) for share in shares
    ]


@BOTH
@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("CMYK", "scan.jpg"),
        ("RGB", "photo.jpg"),
        ("L", "fax.tif"),
        ("P", "drawing.gif"),
        ("L", "UPPER.PNG"),
    ],
)
def test_pictures_may_be_of_any_kind_and_size(command, mode, name, model, tmp_path):
    draw_page([3], zoom=7).convert(mode).save(tmp_path / name)
    result = run(command, model, tmp_path / name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.removeprefix(str(tmp_path / name)).split()[0] == "3"


def test_unreadable_pictures_are_named_and_the_rest_predicted(
    model, pictures, blank, tmp_path
):
    text, missing = tmp_path / "text.png", tmp_path / "missing.png"
    text.write_text("no picture")
    result = run("predict", model, text, pictures[0], blank, missing)
    assert result.exit_code == 2
    assert result.stdout.split()[:2] == [str(pictures[0]), "0"]
    missed, *errors = result.stderr.splitlines()
    assert missed == f"Error: No such file: '{missing}'."
    assert len(errors) == 2
    assert "text.png' is not a picture that can be opened." in errors[0]
    assert "blank.png' must show a digit, but there is no ink in it" in errors[1]


def test_unreadable_pictures_are_named_and_the_rest_read(model, year, tmp_path):
    text, missing = tmp_path / "text.png", tmp_path / "missing.png"
    text.write_text("no picture")
    result = run("read", model, text, year, missing)
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1] == "1984"
    errors = result.stderr.splitlines()
    assert [error[:7] for error in errors] == ["Error: "] * 2
    assert "missing.png" in errors[0]
    assert "text.png" in errors[1]


BAD = {
    "text.png": (b"zero one two three\n" * 99, "is not a picture that can be op"),
    "empty.png": (b"", "is not a picture that can be opened, because it is empty"),
    "header.png": (png_header(90, 90), "cannot be read as a picture"),
    "bomb.png": (png_header(30_000, 30_000), "pixels, got 30000 x 30000"),
    "tiny.png": (png_header(50, 3), "at least 4 x 4 pixels, got 50 x 3"),
}


@BOTH
@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_picture_is_refused_in_one_line(
    command, name, model, tmp_path
):
    content, fault = BAD[name]
    (tmp_path / name).write_bytes(content)
    result = run(command, model, tmp_path / name)
    assert_refused(result, fault)
    assert f"'{tmp_path / name}'" in result.stderr


@BOTH
def test_a_cut_file_is_refused_in_one_line(command, model, year):
    year.write_bytes(year.read_bytes()[: year.stat().st_size // 2])
    assert_refused(run(command, model, year), "cannot be read as a picture")


def test_predict_refuses_a_film_in_one_line(model, tmp_path):
    frames = [draw_page([i]) for i in range(3)]
    path = tmp_path / "film.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    result = run("predict", model, path)
    assert_refused(result, "film.gif' has 3 frames")
    assert "skmnist read" in result.stderr


def test_json_is_valid_even_if_nothing_could_be_read(model, blank):
    for command, path in (("predict", blank), ("read", "nowhere.png")):
        result = run(command, model, path, "--json")
        assert (result.exit_code, json.loads(result.stdout)) == (2, [])


def test_a_network_for_another_size_accepts_pictures_of_that_size(
    small_model, digits, tmp_path
):
    X, _, y, _ = digits
    Image.fromarray(X[0].reshape(8, 8).astype(np.uint8)).save(tmp_path / "a.png")
    Image.new("L", (100, 50)).save(tmp_path / "large.png")
    (tmp_path / "text.png").write_text("no picture")
    paths = [tmp_path / name for name in ("a.png", "large.png", "text.png")]
    result = run("predict", small_model, *paths)
    assert result.exit_code == 2
    assert result.stdout.split()[:2] == [str(paths[0]), str(y[0])]
    errors = result.stderr.splitlines()
    assert "large.png' must have 8x8 pixels, got 100x50" in errors[0]
    assert "text.png' cannot be read as a picture" in errors[1]


def test_read_refuses_a_network_for_another_size(small_model, year):
    fault = "'MODEL': must be trained on images of 28x28 pixels, got 8x8."
    assert_refused(run("read", small_model, year), fault)


@BOTH
def test_labels_may_be_strings(command, year, tmp_path):
    classifier = MNISTClassifier(epochs=5, random_state=0)
    classifier.fit(DIGITS.data, DIGITS.target.astype(str)).save(tmp_path / "m.onnx")
    draw_page([3]).save(year)
    (entry,) = json.loads(run(command, tmp_path / "m.onnx", year, "--json").stdout)
    assert entry.get("label", entry.get("text")) == "3"


@BOTH
def test_a_folder_stands_for_its_pictures_in_order(command, model, tmp_path):
    folder = tmp_path / "folder"
    (folder / "below.png").mkdir(parents=True)
    for i in (4, 2, 3):
        draw_page([i]).save(folder / f"{i}.PNG")
    for name in ("notes.txt", ".hidden.png", "model.onnx"):
        (folder / name).write_text("no picture")
    result = run(command, model, folder, "--json")
    assert result.exit_code == 0
    assert result.stderr == (
        f"Skipped 2 files in '{folder}' that are not pictures, such as 'model.onnx'.\n"
    )
    found = [entry["file"] for entry in json.loads(result.stdout)]
    assert found == [str(folder / f"{i}.PNG") for i in (2, 3, 4)]


@BOTH
def test_a_folder_without_pictures_is_named(command, model, pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run(command, model, tmp_path / "empty", pictures[0])
    assert result.exit_code == 2
    assert result.stdout.split()
    assert result.stderr == f"Error: the folder '{tmp_path}/empty' holds no pictures.\n"


@BOTH
def test_a_folder_that_may_not_be_read_is_named(command, model, monkeypatch, tmp_path):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    result = run(command, model, tmp_path)
    assert_refused(result, f"the folder '{tmp_path}' cannot be read: Permission denied")


@BOTH
@pytest.mark.parametrize(
    ("args", "fault"),
    [
        ([], "Missing argument '[MODEL] PICTURE...'."),
        (["nowhere.onnx", "a.png"], "'MODEL': File 'nowhere.onnx' does not exist."),
        ([f"{'x' * 999}.onnx", "a.png"], "does not exist."),
        (["folder.onnx", "a.png"], "'MODEL': File 'folder.onnx' is a directory."),
        (["text.ONNX", "a.png"], "'MODEL': 'text.ONNX'"),
        (["text.ONNX"], "'PICTURE...': at least one must follow the model."),
    ],
)
def test_bad_arguments_are_refused(command, args, fault, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.onnx").mkdir()
    (tmp_path / "text.ONNX").write_text("no network")
    assert_refused(run(command, *args), fault)


@BOTH
def test_the_pretrained_network_is_the_default(command, trained, pictures, monkeypatch):
    monkeypatch.setattr(skmnist, "load_pretrained", lambda: trained[0])
    result = run(command, pictures[2])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.removeprefix(str(pictures[2])).split()[0] == "2"


def test_the_text_of_a_single_picture_is_all_that_is_printed(model, tmp_path):
    draw_page([0, 6, 1], [2, 3, 4]).save(tmp_path / "rows.png")
    result = run("read", model, tmp_path / "rows.png")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "061\n234\n"


def test_the_texts_of_several_pictures_follow_their_paths(model, year, tmp_path):
    draw_page([0, 6, 1]).save(tmp_path / "other.png")
    result = run("read", model, year, tmp_path / "other.png")
    assert result.stdout == f"{year}:\n1984\n{tmp_path / 'other.png'}:\n061\n"


def test_json_has_the_position_of_each_digit(trained, year):
    classifier, path = trained
    reading = NumberReader(classifier).read(year)
    (entry,) = json.loads(run("read", path, year, "--json").stdout)
    assert list(entry) == ["file", "page", "text", "numbers", "digits"]
    assert [number["text"] for number in entry["numbers"]] == ["1984"]
    assert list(entry["numbers"][0]) == ["text", "probability", "box"]
    assert (entry["file"], entry["text"]) == (str(year), reading.text)
    for digit, expected in zip(entry["digits"], reading.digits, strict=True):
        assert list(digit) == ["label", "probability", "box", "certain"]
        assert digit["label"] == expected.label
        assert digit["box"] == list(expected.box)
        assert digit["certain"] is expected.certain
        np.testing.assert_allclose(digit["probability"], expected.probability)


def test_a_picture_without_digits_has_no_text(model, blank):
    result = run("read", model, blank)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"No digits found in '{blank}'.\n"
    (entry,) = json.loads(run("read", model, blank, "--json").stdout)
    assert entry == {
        "file": str(blank),
        "page": 1,
        "text": "",
        "numbers": [],
        "digits": [],
    }


@pytest.fixture
def scan(tmp_path):
    """A TIFF of two pages."""
    path = tmp_path / "scan.tif"
    draw_page([0, 6, 1]).save(
        path, save_all=True, append_images=[draw_page([1, 9, 8, 4])]
    )
    return path


def test_the_pages_of_a_file_are_read_in_turn(model, scan, blank):
    result = run("read", model, scan)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"061\n{scan}, page 2:\n1984\n"
    entries = json.loads(run("read", model, scan, blank, "--json").stdout)
    assert [entry["page"] for entry in entries] == [1, 2, 1]
    assert [entry["text"] for entry in entries] == ["061", "1984", ""]


def test_csv_has_a_line_for_each_number(model, scan, year, tmp_path):
    result = run("read", model, scan, tmp_path / "nowhere.png", year, "--csv")
    assert result.exit_code == 2
    lines = list(csv.DictReader(result.stdout.splitlines()))
    columns = "file page row column text probability left top right bottom"
    assert list(lines[0]) == columns.split()
    keys = ("file", "page", "row", "column", "text")
    assert [tuple(line[key] for key in keys) for line in lines] == [
        (str(scan), "1", "0", "0", "061"),
        (str(scan), "2", "0", "0", "1984"),
        (str(year), "1", "0", "0", "1984"),
    ]
    assert_refused(run("read", model, year, "--csv", "--json"), "'--csv'")


def test_each_result_is_printed_before_the_next_picture_is_read(
    model, year, blank, monkeypatch, capsys
):
    printed = []
    read_pages = NumberReader.read_pages

    def listen(self, path):
        printed.append(capsys.readouterr().out)
        return read_pages(self, path)

    monkeypatch.setattr(NumberReader, "read_pages", listen)
    args = ["read", model, year, blank, year]
    with pytest.raises(SystemExit):
        app([str(arg) for arg in args])
    assert printed == ["", f"{year}:\n1984\n", f"{blank}:\n"]


@BOTH
def test_a_folder_is_in_natural_order(command, model, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("page10", "page2", "page1", "3"):
        draw_page([3]).save(folder / f"{name}.png")
    found = json.loads(run(command, model, folder, "--json").stdout)
    names = [Path(entry["file"]).stem for entry in found]
    assert names == ["3", "page1", "page2", "page10"]


@BOTH
def test_heic_in_a_folder_is_named(command, model, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "phone.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    assert_refused(run(command, model, folder), "because it is HEIC: convert it")


def test_uncertain_digits_are_question_marks(model, year):
    assert run("read", model, year, "--min-probability", 1).stdout == "????\n"
    result = run("read", model, year, "--min-probability", 1.5)
    assert_refused(result, "'--min-probability'")


def test_the_default_is_that_of_the_reader():
    parameters = inspect.signature(skmnist._cli.app.read).parameters
    assert parameters["min_probability"].default == NumberReader().min_probability


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.PDF", b"%PDF"), ("a.svg", b"<?xml")]
)
def test_out_holds_the_picture_with_its_digits(name, start, model, year, tmp_path):
    result = run("read", model, year, "--out", tmp_path / name)
    assert (result.exit_code, result.stdout) == (0, "1984\n")
    assert result.stderr == f"Saved {tmp_path / name}\n"
    assert (tmp_path / name).read_bytes().startswith(start)


def test_out_is_written_where_no_digits_are_found(model, blank, tmp_path):
    run("read", model, blank, "--out", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        assert max(image.size) > 1000


@pytest.mark.parametrize(
    ("out", "fault"),
    [
        ("out.xyz", "must end in one of "),
        ("out", "must end in one of "),
        ("nowhere/out.png", "nowhere' does not exist"),
        (".", "'--out'"),
        ("year.png", "must not be the picture itself"),
    ],
)
def test_an_out_that_cannot_be_written_is_refused(
    out, fault, model, year, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    content = year.read_bytes()
    assert_refused(run("read", model, "year.png", "--out", out), fault)
    assert year.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["year.png"]


def test_out_is_for_a_single_picture(model, pictures, tmp_path):
    for arguments in (pictures, [tmp_path]):
        result = run("read", model, *arguments, "--out", tmp_path / "out.png")
        assert_refused(result, "'--out': is for a single picture, got 3.")
    assert not (tmp_path / "out.png").exists()


def test_out_is_not_written_for_a_refused_picture(model, tmp_path):
    out = tmp_path / "out.png"
    assert_refused(run("read", model, "nowhere.png", "--out", out), "No such file")
    assert not out.exists()


def test_a_full_disk_is_a_failure(model, year, monkeypatch, tmp_path):
    def replace_file(path, content):
        raise OSError("No space left on device")

    monkeypatch.setattr("skmnist._data.files.replace_file", replace_file)
    result = run("read", model, year, "--out", tmp_path / "out.png")
    assert result.exit_code == 1
    assert result.stderr.endswith("cannot be written: No space left on device\n")


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
@BOTH
def test_any_bytes_may_be_in_a_name(command, model, year, tmp_path):
    odd = tmp_path / os.fsdecode(b"odd\xff.png")
    draw_page([3]).save(year)
    odd.write_bytes(year.read_bytes())
    program = [sys.executable, "-m", "skmnist", command, model, odd, year]
    env = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(program, capture_output=True, text=True, env=env, check=True)
    assert r"odd\udcff.png" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_a_bar_and_errors_go_to_stderr(model, tmp_path):
    for i in range(21):
        draw_page([i], zoom=1).save(tmp_path / f"{i:02}.png")
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "skmnist", "predict", model, tmp_path, "no.png"]
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env) as p:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # Linux's sign that the other end is closed
            pass
        errors = p.stderr.read().decode()
    os.close(ours)
    assert p.returncode == 2
    assert re.search(r"Picture 21/21 .*━", shown.decode())
    assert f"{tmp_path / '19.png'}  9  " in shown.decode()
    assert errors == "Error: No such file: 'no.png'.\n"


def test_a_pipe_gets_no_bar(model, pictures):
    result = run("predict", model, *pictures * 10)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 30
    assert "Picture" not in result.stdout


def test_each_prediction_is_printed_before_the_next_picture_is_loaded(
    model, pictures, blank, monkeypatch, capsys
):
    printed = []
    explain = DigitNormalizer.explain

    def listen(self, picture):
        printed.append(capsys.readouterr())
        return explain(self, picture)

    monkeypatch.setattr(DigitNormalizer, "explain", listen)
    args = ["predict", model, pictures[0], blank, pictures[1], "nowhere.png"]
    with pytest.raises(SystemExit):
        app([str(arg) for arg in args])
    assert [part.out.split()[:2] for part in printed] == [
        [],
        [str(pictures[0]), "0"],
        [],
    ]
    first, second, third = (part.err for part in printed)
    assert first == "Error: No such file: 'nowhere.png'.\n"
    assert second == ""
    assert "there is no ink in it" in third


@BOTH
def test_a_dash_is_standard_input(command, model, pictures):
    content = pictures[0].read_bytes()
    args = [command, str(model), "-", "--json"]
    result = CliRunner().invoke(app, args, input=content, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    (entry,) = json.loads(result.stdout)
    assert entry.pop("file") == "-"
    (expected,) = json.loads(run(command, model, pictures[0], "--json").stdout)
    del expected["file"]
    assert entry == expected


@BOTH
@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_standard_input_must_be_a_picture(command, content, model):
    args = [command, str(model), "-"]
    result = CliRunner().invoke(app, args, input=content, catch_exceptions=False)
    assert_refused(result, "'standard input' is not a picture that can be opened")


@needs_fifos
@BOTH
def test_a_fifo_that_nobody_writes_to_is_refused(command, model, small_model, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    models = [model] if command == "read" else [model, small_model]
    for network in models:
        result = run(command, network, tmp_path / "fifo")
        assert_refused(result, "fifo' is a pipe that nobody writes to.")


@needs_fifos
@BOTH
def test_a_fifo_may_hold_a_picture(command, model, year, tmp_path):
    draw_page([3]).save(year)
    os.mkfifo(tmp_path / "fifo")
    # Opened for reading too, so that opening it does not wait.
    handle = os.open(tmp_path / "fifo", os.O_RDWR)
    os.write(handle, year.read_bytes())
    timer = threading.Timer(0.5, os.close, [handle])
    timer.start()
    result = run(command, model, tmp_path / "fifo")
    timer.join()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.removeprefix(str(tmp_path / "fifo")).split()[0] == "3"


@BOTH
def test_a_pdf_is_refused_with_advice(command, model, tmp_path):
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7" + bytes(99))
    fault = "can be opened, because it is a PDF: convert its pages to PNG."
    assert_refused(run(command, model, tmp_path / "scan.pdf"), fault)


def test_what_a_library_logs_of_a_damaged_file_is_not_printed(tmp_path):
    # In a process of its own: pytest has handlers for what is logged.
    path = tmp_path / "many_samples.tiff"
    Image.new("RGB", (8, 8)).save(path)
    tiff, samples_per_pixel = path.read_bytes(), struct.pack("<HHI", 277, 3, 1)
    assert samples_per_pixel in tiff
    damaged = struct.pack("<HHIH", 277, 3, 1, 18761)
    path.write_bytes(tiff.replace(samples_per_pixel + struct.pack("<H", 3), damaged))
    program = [sys.executable, "-m", "skmnist", "predict", str(path)]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"Error: '{path}' is not a picture that can be opened.\n"


@BOTH
def test_web_address_is_no_file(command):
    result = run(command, "https://example.org/3.png")
    assert_refused(result, "/example.org/3.png' is a web address: download")


def test_a_page_given_to_predict_is_pointed_to_read(year):
    program = [sys.executable, "-m", "skmnist", "predict", str(year)]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 0
    assert re.fullmatch(
        r"Warning: '.*' shows [34] digits of about the same .* `skmnist read`.*\n",
        done.stderr,
    )
