import numpy as np

from tests.pages import write


def test_what_a_page_lies_on_is_not_read(reader):
    sheet = write("604\n2938", zoom=3, margin=60)
    table = np.full(np.add(sheet.shape, 300), 120, np.uint8)
    table[150:-150, 150:-150] = sheet
    for column in (40, 80, table.shape[1] - 60):  # the grain of the wood
        table[200:290, column : column + 8] = 60
    assert reader.read(table).text == "604\n2938"


def test_a_light_digit_is_not_a_page(reader):
    # Its ring, if filled, would be as convex as a page.
    assert reader.read(255 - write("0")).text == "0"
    assert reader.read(255 - write("0", zoom=12, margin=0)).text == "0"


def test_ink_near_the_edge_of_a_cropped_page_is_read(reader):
    sheet = write("604293", zoom=3, margin=30)
    table = np.full((len(sheet) // 2, sheet.shape[1]), 120, np.uint8)
    assert reader.read(np.vstack([table, sheet])).text == "604293"


def test_what_is_beside_a_bright_wall_is_read(reader):
    board = 255 - write("604\n2938", zoom=3, margin=60)
    wall = np.full((len(board), board.shape[1] // 2), 240, np.uint8)
    assert reader.read(np.hstack([wall, board])).text == "604\n2938"
