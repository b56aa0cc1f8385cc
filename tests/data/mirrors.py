"""A server that stands in for MNIST's mirrors."""

import gzip
import struct
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
HTML = b"<!DOCTYPE html><title>Please log in</title>"
BOMB = gzip.compress(bytes(20_000_000))


def as_idx(array):
    header = struct.pack(f">{array.ndim + 1}I", 0x800 + array.ndim, *array.shape)
    return header + array.tobytes()


class MirrorHandler(BaseHTTPRequestHandler):
    """Answer /<behaviour>/<file name>."""

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        self.server.asked.append((behaviour, name))
        content = self.server.contents[name.removesuffix(".gz")]
        getattr(self, f"answer_{behaviour}")(content)

    def log_message(self, *args):
        pass

    def send_body(self, body, length=None):
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self, content):
        self.send_body(gzip.compress(content))

    def answer_repacked(self, content):
        self.send_body(gzip.compress(content, compresslevel=1, mtime=1))

    def answer_unpacked(self, content):
        self.send_body(content)

    def answer_forbidden(self, content):
        self.send_error(403)

    def answer_missing(self, content):
        self.send_error(404)

    def answer_busy(self, content):
        self.send_error(503)

    def answer_flaky(self, content):
        is_first = self.server.asked.count(self.server.asked[-1]) == 1
        self.answer_busy(content) if is_first else self.answer_good(content)

    def answer_hang(self, content):
        self.server.stopped.wait(30)

    def answer_short(self, content):
        body = gzip.compress(content)
        self.send_body(body[:-9], length=len(body))

    def answer_cut(self, content):
        self.send_body(gzip.compress(content)[:-9])

    def answer_wrong(self, content):
        self.send_body(gzip.compress(content[:-1] + b"?"))

    def answer_html(self, content):
        self.send_body(HTML)

    def answer_bomb(self, content):
        self.send_body(BOMB)

    def answer_endless(self, content):
        """Send more and more, without announcing how much."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while not self.server.stopped.is_set():
                self.wfile.write(bytes(100_000))

    def answer_slow(self, content):
        """Announce the whole and send a byte now and then."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.trickle()

    def answer_slow_headers(self, content):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Header: ")
        self.trickle()

    def trickle(self):
        with suppress(OSError):
            while not self.server.stopped.wait(0.1):
                self.wfile.write(b"x")
                self.server.sending.set()

    def answer_together(self, content):
        self.server.pair.wait(30)
        self.answer_good(content)


class MirrorServer(ThreadingHTTPServer):
    def __init__(self, arrays):
        super().__init__(("127.0.0.1", 0), MirrorHandler)
        self.contents = {NAMES[key]: as_idx(array) for key, array in arrays.items()}
        self.asked = []
        self.stopped, self.sending = threading.Event(), threading.Event()
        self.pair = threading.Barrier(2)

    def url(self, behaviour):
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"
