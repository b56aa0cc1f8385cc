import io
import os
import threading

import numpy as np
import pytest
from PIL import Image

from skmnist._pictures.loading import load_page, load_picture
from tests.data.test_files import needs_fifos


def draw_picture():
    """Return the content of a picture's file."""
    file = io.BytesIO()
    levels = np.random.default_rng(0).integers(0, 256, (12, 9))
    Image.fromarray(levels.astype(np.uint8)).save(file, format="PNG")
    return file.getvalue()


@needs_fifos
def test_a_fifo_that_nobody_writes_to_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for load in (lambda path: load_picture(path, 99), load_page):
        with pytest.raises(ValueError, match="fifo' is a pipe that nobody writes to"):
            load(tmp_path / "fifo")


@needs_fifos
def test_a_fifo_may_hold_a_picture(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    content = draw_picture()
    # Opened for reading too, so that opening it does not wait.
    handle = os.open(tmp_path / "fifo", os.O_RDWR)
    os.write(handle, content)
    timer = threading.Timer(0.2, os.close, [handle])
    timer.start()
    gray = load_picture(tmp_path / "fifo", 99).gray
    timer.join()
    np.testing.assert_array_equal(gray, load_picture(io.BytesIO(content), 99).gray)
