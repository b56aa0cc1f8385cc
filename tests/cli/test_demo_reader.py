import io
import json
import threading

import numpy as np
import pytest
from PIL import Image

from skmnist import DigitNormalizer, NumberReader
from skmnist._cli.demo_reader import DemoReader
from tests.pen import write_by_pen


@pytest.fixture(scope="module")
def reader():
    return DemoReader()


def as_file(picture, form="PNG", **options):
    content = io.BytesIO()
    Image.fromarray(picture).save(content, form, **options)
    return content.getvalue()


def open_url(url):
    """Return the pixels of a picture in a data URL."""
    import base64

    kind, _, content = url.partition(";base64,")
    assert kind in ("data:image/png", "data:image/jpeg")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.fixture(scope="module")
def three():
    return write_by_pen("3", height=120, pen=9)


def test_the_answer_is_json_without_nan(reader, three):
    found = reader.read(as_file(three))
    assert json.loads(json.dumps(found, allow_nan=False)).keys() == found.keys()


@pytest.mark.parametrize("kind", ["live", "drawing", "picture"])
def test_a_single_digit_has_probabilities_and_stages(reader, three, kind):
    found = reader.read(as_file(three), kind=kind)
    probabilities = found["digit"]["probabilities"]
    assert np.argmax(probabilities) == 3
    assert sum(probabilities) == pytest.approx(1)
    stages = DigitNormalizer().explain(three)
    result = open_url(found["digit"]["stages"]["result"])
    np.testing.assert_array_equal(result, stages.result)
    for name in ("picture", "ink", "digit"):
        assert max(open_url(found["digit"]["stages"][name]).shape) <= 224
    assert [len(page["digits"]) for page in found["pages"]] == [1] * (kind != "live")


def test_a_page_is_what_number_reader_reads(reader):
    page = write_by_pen("1984\n206 35")
    reading = NumberReader().read(page)
    found = reader.read(as_file(page))
    assert found["digit"] is None
    assert not found["more"]
    (described,) = found["pages"]
    assert "\n".join(map(" ".join, described["rows"])) == reading.text
    assert (described["height"], described["width"]) == page.shape
    assert len(described["digits"]) == len(reading.digits) == 9
    for digit, expected in zip(described["digits"], reading.digits, strict=True):
        assert digit["label"] == str(expected.label)
        assert digit["box"] == expected.box
        assert digit["certain"] is expected.certain
    assert [digit["number"] for digit in described["digits"]] == [0] * 4 + [1] * 3 + [
        2,
        2,
    ]
    assert open_url(described["picture"]).shape == page.shape
    assert described["turned"] == 0


def test_a_page_on_its_side_says_how_it_was_turned(reader):
    page = np.rot90(write_by_pen("1984\n2063\n4732"))
    (described,) = reader.read(as_file(page))["pages"]
    assert described["rows"] == [["1984"], ["2063"], ["4732"]]
    assert described["turned"] == NumberReader().read(page).turned == 270


def test_a_drawing_is_not_sent_back(reader):
    found = reader.read(as_file(write_by_pen("42")), kind="drawing")
    assert found["pages"][0]["picture"] is None
    assert found["pages"][0]["rows"] == [["42"]]


@pytest.mark.parametrize("kind", ["live", "drawing", "picture"])
def test_a_blank_picture_has_no_digit(reader, kind):
    found = reader.read(as_file(np.full((100, 100), 240, np.uint8)), kind=kind)
    assert found["digit"] is None
    assert found["pages"][0]["digits"] == []


@pytest.mark.parametrize("kind", ["live", "drawing", "picture"])
@pytest.mark.parametrize("content", [b"", b"text", as_file(write_by_pen("1"))[:500]])
def test_an_error_names_the_file(reader, content, kind):
    with pytest.raises(ValueError, match=r"^'odd\\x1b\.png' "):
        reader.read(content, "odd\x1b.png", kind)


def test_further_pages_are_announced(reader, monkeypatch):
    monkeypatch.setattr("skmnist._cli.demo_reader._MOST_PAGES", 2)
    pages = [Image.fromarray(write_by_pen(text)) for text in ("1", "22", "333")]
    for n_pages in (2, 3):
        content = io.BytesIO()
        pages[0].save(content, "TIFF", save_all=True, append_images=pages[1:n_pages])
        found = reader.read(content.getvalue())
        assert [page["rows"] for page in found["pages"]] == [[["1"]], [["22"]]]
        assert found["more"] is (n_pages == 3)
        assert found["digit"] is None


def test_pages_that_nobody_waits_for_are_not_read(reader):
    found = reader.read(as_file(write_by_pen("1984")), is_wanted=lambda: False)
    assert found["pages"] == []


def test_pictures_are_read_in_turn_and_drawings_meanwhile(reader, three, monkeypatch):
    page = as_file(write_by_pen("1984"))
    started, go_on = threading.Event(), threading.Event()
    n_reading = []

    def wait():
        n_reading.append(1)
        started.set()
        assert go_on.wait(60)
        return False

    threads = [
        threading.Thread(target=reader.read, args=(page, "a.png", "picture", wait))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert started.wait(60)
    assert reader.read(as_file(three), kind="drawing")["digit"]
    assert len(n_reading) == 1
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(n_reading) == 2


def test_ones_own_network_is_used_and_named(classifier):
    reader = DemoReader(classifier, "my\n.onnx")
    assert reader.describe() == {
        "classes": [str(digit) for digit in range(10)],
        "model": r"my\n.onnx",
    }
    page = write_by_pen("1984")
    found = reader.read(as_file(page))
    (described,) = found["pages"]
    expected = NumberReader(classifier).read(page)
    assert [digit["probability"] for digit in described["digits"]] == [
        digit.probability for digit in expected.digits
    ]


def test_warming_up_reads_nothing_that_is_kept(reader):
    assert reader.warm_up() is None
    assert reader.describe()["model"] is None
