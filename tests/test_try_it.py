"""The page of the documentation on which a digit is drawn, in a real browser."""

import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from pathlib import Path

import numpy as np
import pytest

import skmnist
from skmnist._data.mnist_form import has_mnist_form, to_mnist_form
from tests.browser import find_browser

pytestmark = pytest.mark.browser

SCRIPTS = Path(__file__).parents[1] / "docs" / "_static" / "try_it"
DRAWING = Path(skmnist.__file__).parent / "_cli" / "demo_page" / "drawing.js"
SEVEN = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
FOUR = [[(0.4, 0.2), (0.3, 0.55), (0.7, 0.55)], [(0.6, 0.3), (0.55, 0.85)]]
PATIENCE = 60_000  # milliseconds: a busy machine may take long

IMPORT = "const image = await import('/try_it/digit_image.js');"
TO_MNIST_FORM = f"""async ([drawing, side]) => {{
  {IMPORT}
  return Array.from(image.toMnistForm(Float64Array.from(drawing), side));
}}"""
DRAW_IMAGE = (
    f"async (strokes) => {{ {IMPORT} return Array.from(image.drawImage(strokes)); }}"
)


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        # Chromium's own sandbox cannot be set up as root.
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Return a function that serves a folder and opens a file of it."""
    servers, contexts, faults = [], [], []

    def open_page(folder, file, **options):
        handler = partial(Handler, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.home = f"http://127.0.0.1:{server.server_port}/"
        page.addresses = []
        page.on("request", lambda request: page.addresses.append(request.url))
        page.goto(page.home + file)
        return page

    yield open_page
    for context in contexts:
        context.close()
    for server in servers:
        server.shutdown()
        server.server_close()
    assert faults == []


@pytest.fixture
def scripts(open_page, tmp_path):
    """The scripts alone, laid together as in a built site."""
    shutil.copytree(SCRIPTS, tmp_path / "try_it")
    shutil.copy(DRAWING, tmp_path / "try_it")
    return open_page(tmp_path, "")  # the list of the folder's files


@pytest.fixture
def site(open_page):
    return open_page(
        environ["SKMNIST_SITE"], "try_it.html", viewport={"width": 1280, "height": 900}
    )


def draw(page, *strokes):
    box = page.locator("#try-it .paper").bounding_box()
    for stroke in strokes:
        corner, size = (box["x"], box["y"]), (box["width"], box["height"])
        places = (np.array(stroke) * size + corner).tolist()
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()


def expect_label(page, text):
    from playwright.sync_api import expect

    expect(page.locator("#try-it .label")).to_have_text(text)


def make_drawing(seed, side=60):
    """Return some blots, darker here than there, off the middle."""
    rng = np.random.default_rng(seed)
    drawing = np.zeros((side, side))
    for _ in range(4):
        top, left = rng.integers(0, side - 12, 2)
        high, wide = rng.integers(3, 12, 2)
        drawing[top : top + high, left : left + wide] = rng.uniform(0.2, 1)
    return drawing


@pytest.mark.parametrize("seed", range(8))
def test_mnist_form_is_that_of_skmnist(seed, scripts):
    drawing = make_drawing(seed)
    pixels = scripts.evaluate(TO_MNIST_FORM, [drawing.ravel().tolist(), len(drawing)])
    expected = to_mnist_form(drawing[None])[0].ravel()
    # Sums in another order may round another way.
    assert np.abs(np.array(pixels) - expected).max() <= 1


@pytest.mark.parametrize("scale", [0.02, 1, 900])
def test_images_do_not_depend_on_the_size_of_the_drawing(scale, scripts):
    strokes = [[(scale * x + 7, scale * y) for x, y in stroke] for stroke in FOUR]
    image = np.array(scripts.evaluate(DRAW_IMAGE, strokes), np.uint8)
    expected = np.array(scripts.evaluate(DRAW_IMAGE, FOUR), np.uint8)
    assert np.abs(image - expected.astype(int)).max() <= 8  # of 255
    assert has_mnist_form(image.reshape(1, 28, 28)).all()


def test_a_point_is_an_image_too(scripts):
    assert max(scripts.evaluate(DRAW_IMAGE, [[(0.5, 0.5)]])) == 255


@pytest.mark.site
def test_a_drawn_seven_is_read_as_seven(site):
    expect_label(site, "?")
    draw(site, SEVEN)
    expect_label(site, "7")
    assert site.locator("#try-it .best b").text_content() == "7"
    shares = site.locator("#try-it .share").all_text_contents()
    assert len(shares) == 10
    assert float(shares[7].strip("> \N{NARROW NO-BREAK SPACE}%")) > 90


@pytest.mark.site
def test_clear_and_undo_take_strokes_away(site):
    draw(site, *FOUR)
    expect_label(site, "4")
    site.get_by_role("button", name="Undo").click()
    expect_label(site, re.compile("[^4?]"))
    site.get_by_role("button", name="Clear").click()
    expect_label(site, "?")
    assert site.locator("#try-it .hint").is_visible()


@pytest.mark.site
def test_a_one_is_drawn_by_keyboard(site):
    site.locator("#try-it .paper").focus()
    for key in ["ArrowUp"] * 10 + ["Space"] + ["ArrowDown"] * 20 + ["Space"]:
        site.keyboard.press(key)
    expect_label(site, "1")


@pytest.mark.site
def test_nothing_comes_from_elsewhere(site):
    n_before = len(site.addresses)
    draw(site, SEVEN)
    expect_label(site, "7")
    loaded = [address.removeprefix(site.home) for address in site.addresses]
    assert all("://" not in address for address in loaded)
    # The runtime is large, and comes only when it is needed.
    assert not any("runtime/" in address for address in loaded[:n_before])
    last = [Path(address).suffix for address in loaded[n_before:]][-3:]
    assert last == [".mjs", ".wasm", ".onnx"]


@pytest.mark.site
def test_a_network_that_is_not_there_is_reported(site):
    site.route("**/digits.onnx", lambda route: route.abort())
    draw(site, SEVEN)
    state = site.get_by_text("The network could not be loaded")
    state.wait_for()
    site.unroute("**/digits.onnx")
    draw(site, [(0.5, 0.5), (0.5, 0.52)])
    expect_label(site, re.compile(r"\d"))
    assert not state.is_visible()
