"""Draw the terminal after `skmnist train`, in _static/train.svg.

`python docs/draw_terminal.py` trains on MNIST, as `skmnist.fetch_mnist` finds it, and
writes the picture. Run it on an idle machine: the picture shows the time.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent / "_static" / "train.svg"
COMMAND = "skmnist train"
COLUMNS, ROWS = 80, 50
# What Rich prints besides text and colours: ends of lines, and what a bar that moves
# needs: erase this line, go up, hide and show the cursor.
CONTROLS = re.compile(r"(\r|\n|\x1b\[2K|\x1b\[\d*A|\x1b\[\?\d+[hl])")
# Pictures in a page load no fonts.
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def run(command):
    """Return what a command of skmnist prints to a terminal."""
    reading, writing = pty.openpty()
    fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
    _, *words = command.split()
    process = subprocess.Popen(
        [sys.executable, "-m", "skmnist", *words],
        stdout=writing,
        stderr=writing,
        env=os.environ | {"TERM": "xterm-256color", "PYTHONUTF8": "1"},
    )
    os.close(writing)
    content = b""
    while True:
        try:
            content += os.read(reading, 4096)
        except OSError:  # the program has ended
            break
    process.wait()
    return content.decode()


def show(output):
    """Return what is on the screen after all that was printed."""
    lines, row = [""], 0
    for part in CONTROLS.split(output):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif part.endswith("A") and part.startswith("\x1b["):
            row = max(row - int(part[2:-1] or 1), 0)
        elif not CONTROLS.fullmatch(part):
            lines[row] += part
    return "\n".join(lines)


def draw(command, output):
    """Return a terminal with a command and its output, as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), legacy_windows=False)
    console.print(Text.assemble(("$ ", "green"), command))
    console.print(Text.from_ansi(output))
    svg = console.export_svg(title="skmnist", unique_id="terminal")
    return "\n".join(line.rstrip() for line in FONTS.sub("", svg).splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(draw(COMMAND, show(run(COMMAND))), encoding="utf-8")
