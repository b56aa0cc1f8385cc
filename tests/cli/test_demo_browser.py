"""The demo's page in a real browser, as a person uses it."""

import base64
import io
import re
import threading

import numpy as np
import pytest
from PIL import Image

from skmnist._cli.demo_reader import DemoReader
from skmnist._cli.demo_server import MOST_BYTES, DemoServer
from tests.browser import find_browser
from tests.pen import write_by_pen

pytestmark = pytest.mark.browser

SEVEN = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
ONE = [(0.2, 0.3), (0.2, 0.7)]
# Milliseconds: a busy machine may take long.
PATIENCE = 60_000
# Chromium's own sandbox cannot be set up as root; its camera is a moving picture.
OPTIONS = ["--no-sandbox", "--use-fake-device-for-media-stream"]

# Hand files to the page as dropping or pasting does.
DROP = """([event, kind, files]) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Number.isInteger(content)
      ? new Uint8Array(content)
      : Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  const options = { bubbles: true, cancelable: true };
  options[event === "paste" ? "clipboardData" : "dataTransfer"] = transfer;
  const target = document.querySelector("#sheet");
  target.dispatchEvent(new window[kind](event, options));
}"""


@pytest.fixture(scope="module")
def reader():
    return DemoReader()


@pytest.fixture
def server(reader):
    with DemoServer(reader) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=OPTIONS
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, server):
    """Return a function that opens the page; its faults fail the test."""
    contexts, faults, addresses = [], [], []

    def open_page(width=1280, height=900, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["camera", "clipboard-read", "clipboard-write"],
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("request", lambda request: addresses.append(request.url))
        page.goto(server.address)
        page.locator("#examples button").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
    elsewhere = re.compile(rf"(?!{re.escape(server.address)}|blob:|data:)")
    assert [address for address in addresses if elsewhere.match(address)] == []


@pytest.fixture
def page(open_page):
    return open_page()


def expect(page, selector):
    from playwright.sync_api import expect

    return expect(page.locator(selector))


def as_file(picture, form="PNG", **options):
    content = io.BytesIO()
    Image.fromarray(picture).save(content, form, **options)
    return content.getvalue()


def move_mouse(page, points):
    """Draw a stroke, but do not lift the pen."""
    box = page.locator("#canvas").bounding_box()
    places = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)


def draw(page, points):
    move_mouse(page, points)
    page.mouse.up()


def hand_over(page, *files, by="drop"):
    """Drop or paste files, each a name and its content, or only the size of it."""
    kind = {"drop": "DragEvent", "paste": "ClipboardEvent"}[by]
    encoded = [
        [name, c if isinstance(c, int) else base64.b64encode(c).decode()]
        for name, c in files
    ]
    page.evaluate(DROP, [by, kind, encoded])


def choose(page, name, content):
    page.set_input_files(
        "#file", {"name": name, "mimeType": "image/png", "buffer": content}
    )


def assert_fits(page):
    width = "document.documentElement.{}"
    assert page.evaluate(width.format("scrollWidth")) <= page.evaluate(
        width.format("clientWidth")
    )


def test_a_drawn_seven_is_read_as_seven(page):
    draw(page, SEVEN)
    expect(page, "#label").to_have_text("7")
    expect(page, ".best .name").to_have_text("7")
    expect(page, ".best .share").to_have_text(re.compile(r"^>?\d\d\.\d\s%$"))
    assert page.locator("#bars li").count() == 10
    for image in page.locator("#stages img").all():
        assert image.evaluate("image => image.naturalWidth") >= 28


def test_the_bars_move_before_the_pen_is_lifted(page):
    move_mouse(page, SEVEN)
    expect(page, "#label").to_have_text("7")
    page.mouse.up()


def test_a_drawing_is_dark_on_light_in_dark_mode_too(open_page, reader, monkeypatch):
    received, read = [], reader.read

    def listen(content, *args):
        received.append(content)
        return read(content, *args)

    monkeypatch.setattr(reader, "read", listen)
    page = open_page(color_scheme="dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", background)[:3])) < 150
    draw(page, SEVEN)
    expect(page, "#label").to_have_text("7")
    picture = Image.open(io.BytesIO(received[-1])).convert("L")
    assert picture.size == (448, 448)
    assert np.median(picture) > 240
    assert np.min(picture) < 40


def test_several_drawn_digits_are_a_number(page):
    draw(page, ONE)
    draw(page, [(0.4 + 0.5 * x, 0.2 + 0.6 * y) for x, y in SEVEN])
    expect(page, "#text").to_have_text("17")
    expect(page, "#boxes g").to_have_count(2)
    page.click("#undo")
    expect(page, "#label").to_have_text("1")
    expect(page, "#page").to_be_hidden()
    page.click("#clear")
    expect(page, "#label").to_have_text("?")
    expect(page, "#hint").to_be_visible()


@pytest.mark.parametrize("by", ["drop", "paste"])
def test_a_page_that_is_dropped_or_pasted_is_read(page, by):
    hand_over(page, ("page.png", as_file(write_by_pen("1984\n206 35"))), by=by)
    expect(page, "#text p").to_have_text(["1984", "206 35"])
    expect(page, "#found").to_have_text("3 numbers, 9 digits")
    expect(page, "#boxes g").to_have_count(9)
    page.hover("#text span >> nth=1")
    expect(page, "#boxes g.shown").to_have_count(3)
    page.click("#copy")
    expect(page, "#copy").to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "1984\n206 35"
    page.click("#clear")
    expect(page, "#canvas").to_be_visible()


@pytest.mark.parametrize("n_turns", [0, 1, 2, 3])
def test_a_digit_of_a_page_is_shown_alone(page, n_turns):
    written = np.rot90(write_by_pen("1984\n2063\n4732"), n_turns)
    choose(page, "page.png", as_file(np.ascontiguousarray(written)))
    expect(page, "#text p").to_have_text(["1984", "2063", "4732"])
    page.click("#boxes g >> nth=8")
    expect(page, "#label").to_have_text("4")
    expect(page, "#sure").to_contain_text("probability of the digit alone")
    expect(page, "#text").to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page, "#label").to_have_text("7")
    expect(page, "#boxes g.picked").to_have_attribute("aria-label", re.compile("7, "))


def test_a_digit_at_the_edge_of_a_page_is_shown_alone(page):
    choose(page, "page.png", as_file(write_by_pen("1984", margin=4)))
    page.click("#boxes g >> nth=3")
    expect(page, "#label").to_have_text("4")


def test_a_picture_of_one_digit_shows_its_stages(page):
    choose(page, "three.png", as_file(write_by_pen("3", height=120, pen=9)))
    expect(page, "#label").to_have_text("3")
    expect(page, "#photo").to_be_visible()
    expect(page, "#boxes g").to_have_count(1)


def test_the_pages_of_a_tiff_are_turned(page):
    first, second = (Image.fromarray(write_by_pen(text)) for text in ("1984", "203"))
    content = io.BytesIO()
    first.save(content, "TIFF", save_all=True, append_images=[second])
    choose(page, "scan.tif", content.getvalue())
    expect(page, "#which").to_have_text("Page 1 of 2")
    expect(page, "#text").to_have_text("1984")
    page.click("#next")
    expect(page, "#text").to_have_text("203")
    expect(page, "#next").to_be_disabled()
    assert page.locator("#photo").evaluate("image => image.naturalWidth") > 100


def test_a_blank_page_has_no_digits(page):
    choose(page, "blank.png", as_file(np.full((300, 400), 240, np.uint8)))
    expect(page, "#sure").to_have_text("No digits found.")


def test_examples_are_read(page):
    page.locator("#examples button").first.click()
    expect(page, "#found").to_contain_text("numbers")
    page.locator("#examples button").last.click()
    expect(page, "#label").to_have_text("7")


def test_an_oversized_file_gets_its_message(page):
    hand_over(page, ("large.png", MOST_BYTES + 10**6))
    expect(page, "#error").to_have_text("A picture must have at most 40 MB, got 41 MB.")


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("cut.png", as_file(write_by_pen("1984"))[:900], "'cut.png' cannot be read"),
        ("notes.txt", b"no picture", "'notes.txt' is not a picture"),
        ("empty.png", b"", "'empty.png' is not a picture"),
    ],
)
def test_a_broken_file_gets_its_message(page, name, content, fault):
    draw(page, SEVEN)
    hand_over(page, (name, content))
    expect(page, "#error").to_contain_text(fault)
    # The drawing is still there, with its answer.
    expect(page, "#label").to_have_text("7")
    page.click("#clear")
    expect(page, "#error").to_be_hidden()


def test_a_page_stays_when_a_broken_file_is_opened(page):
    choose(page, "page.png", as_file(write_by_pen("1984")))
    expect(page, "#text").to_have_text("1984")
    hand_over(page, ("notes.txt", b"no picture"))
    expect(page, "#error").to_contain_text("'notes.txt' is not a picture")
    expect(page, "#text").to_be_visible()
    expect(page, "#boxes g").to_have_count(4)
    page.click("#boxes g >> nth=1")
    expect(page, "#label").to_have_text("9")


def test_several_files_get_a_message(page):
    hand_over(page, ("a.png", b"a"), ("b.png", b"b"))
    expect(page, "#error").to_have_text("One picture is read at a time, got 2.")


def test_the_end_of_the_demo_is_said(page):
    page.context.set_offline(True)
    draw(page, SEVEN)
    expect(page, "#error").to_contain_text("The demo does not answer.")


def test_digits_are_drawn_by_keyboard(page):
    page.keyboard.press("Tab")
    expect(page, "#canvas").to_be_focused()
    for _ in range(15):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(30):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page, "#label").to_have_text("1")
    page.keyboard.press("Backspace")
    expect(page, "#label").to_have_text("?")


def test_every_control_is_reached_by_keyboard(page):
    draw(page, SEVEN)
    reached = []
    page.locator("#canvas").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached[:4] == ["clear", "undo", "choose", "shoot"]
    page.locator("#examples button").last.focus()
    page.keyboard.press("Enter")
    expect(page, "#photo").to_be_visible()


def test_nothing_is_wider_than_a_telephone(open_page):
    page = open_page(400, 800, has_touch=True)
    assert_fits(page)
    draw(page, SEVEN)
    expect(page, "#label").to_have_text("7")
    assert_fits(page)
    # The bars are seen while one draws.
    box = page.locator("#bars").bounding_box()
    assert box["y"] + box["height"] < 800
    hand_over(page, (f"{'long' * 60}.png", b"no picture"))
    expect(page, "#error").to_contain_text("longlong")
    assert_fits(page)
    choose(page, "page.png", as_file(write_by_pen("0123456789" * 4, margin=20)))
    expect(page, "#found").to_contain_text("40 digits")
    assert_fits(page)
    page.locator("#examples button").last.click()
    expect(page, "#photo").to_be_in_viewport()
    expect(page, "#label").to_have_text("7")


def test_a_photograph_is_taken(page):
    page.click("#shoot")
    page.click("#take")
    expect(page, "#camera").to_be_hidden()
    expect(page, "#photo").to_be_visible()
    assert page.evaluate("document.querySelector('#video').srcObject") is None
