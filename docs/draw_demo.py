"""Take the pictures of demo.md: a seven drawn in the demo, in light and in dark.

`python docs/draw_demo.py`, run in the repository, writes them. It needs what the tests
with the mark `browser` need.
"""

import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from skmnist._cli.demo_reader import DemoReader  # noqa: E402
from skmnist._cli.demo_server import DemoServer  # noqa: E402
from tests.browser import find_browser  # noqa: E402

FOLDER = ROOT / "docs" / "_static"
# Shares of the drawing area.
SEVEN = [(0.28, 0.24), (0.46, 0.22), (0.7, 0.23), (0.56, 0.5), (0.44, 0.84)]


def draw(page, points):
    """Draw a stroke with the mouse."""
    box = page.locator("#canvas").bounding_box()
    places = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()


def take_picture(browser, address, scheme, path):
    """Draw a seven and save what the window shows."""
    page = browser.new_page(
        viewport={"width": 1180, "height": 755}, color_scheme=scheme
    )
    page.goto(address)
    page.locator("#examples button").first.wait_for()
    draw(page, SEVEN)
    page.locator(".best .name", has_text="7").wait_for()
    page.wait_for_timeout(1000)  # the bars have come to rest
    page.screenshot(path=path)


def main():
    """Start the demo and a browser, and take both pictures."""
    with DemoServer(DemoReader()) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox"]
        )
        take_picture(browser, server.address, "light", FOLDER / "demo.png")
        take_picture(browser, server.address, "dark", FOLDER / "demo_dark.png")
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
