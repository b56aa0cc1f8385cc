"""DemoServer: serves the demo's page to browsers on this computer, and to no one else.

It listens on the loopback address. Pages of other sites that are open in the same
browser are refused: they cannot forge the headers Host and Origin.
"""

import json
import os
import re
import select
import socket
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from socketserver import TCPServer
from urllib.parse import parse_qs, urlsplit

from skmnist._cli.demo_examples import list_examples
from skmnist._cli.demo_reader import KINDS

# Bytes: largest picture that is accepted. A photograph of a telephone has a tenth.
MOST_BYTES = 40_000_000

# Seconds that a connection may be silent. A browser keeps some open, and opens new ones
# where it needs them.
_SILENCE = 60
# Bytes of a refused picture that are read and dropped: a browser shows the answer only
# once it has sent its request.
_MOST_DROPPED = 10 * MOST_BYTES
# What a picture is sent as. Other sites would have to ask for leave to send this type.
_PICTURE_TYPE = "application/octet-stream"

_JSON = "application/json"
_METHODS = "Files are asked for by GET or HEAD, and /read by POST."
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}

_HEADERS = {
    "Cache-Control": "no-store",
    # Nothing from other places, and no script or style within the page.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _RefusalError(Exception):
    """A request that is not answered: the status and the reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class DemoServer(ThreadingHTTPServer):
    """The server of the demo's page.

    Parameters
    ----------
    reader : DemoReader
        Reads the pictures.
    port : int, default=0
        Port of the address; 0 is any that is free.

    Attributes
    ----------
    address : str
        Where the page is.
    """

    # On Windows two servers could otherwise have the same port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, reader, port=0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.reader = reader
        self.hosts = {
            f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")
        }
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.files = _load_page()
        examples = _load_examples()
        self.files |= {f"/{url}": file for url, _, file in examples}
        self.files["/state"] = (
            _JSON,
            _as_json(
                {
                    **reader.describe(),
                    "most_bytes": MOST_BYTES,
                    "examples": [{"url": u, "name": n} for u, n, _ in examples],
                }
            ),
        )

    def server_bind(self):
        """Bind the socket, without asking a name server for the name of the host."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """Show the traceback of a fault of ours; a browser that left is none."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _load_page():
    """Return the type and the content of each file of the page, by its path."""
    page = {
        f"/{file.name}": (_TYPES[os.path.splitext(file.name)[1]], file.read_bytes())
        for file in files("skmnist").joinpath("_cli", "demo_page").iterdir()
    }
    page["/"] = page.pop("/index.html")
    return page


def _load_examples():
    """Return the path, the name, and the type and content of each example."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            (
                f"examples/{i}{path.suffix}",
                path.stem.replace("_", " "),
                (_TYPES[path.suffix], path.read_bytes()),
            )
            for i, path in enumerate(list_examples(folder), start=1)
        ]


def _as_json(value):
    return json.dumps(value).encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection; all answers but files are JSON."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "skmnist", ""
    timeout = _SILENCE

    def do_GET(self):
        """Send a file of the page."""
        self._respond(self._find_file)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self):
        """Read a picture."""
        self._respond(self._read_picture)

    def send_error(self, code, message=None, explain=None):
        """Send an error of the base class, such as an unknown method, as JSON."""
        self.close_connection = True
        if code == 501:
            code, message = 405, _METHODS
        text = message or "The request was not understood."
        self._send(code, _JSON, _as_json({"error": text}))

    def log_message(self, *args):
        """Do not print each request."""

    def _respond(self, find):
        try:
            self._check_site()
            answer = find()
        except _RefusalError as refusal:
            # The rest of the request would be taken for the next one.
            self.close_connection = True
            answer = _JSON, _as_json({"error": str(refusal)})
            self._send(refusal.status, *answer)
            self._drop_body()
        else:
            if answer is not None:
                self._send(200, *answer)

    def _check_site(self):
        """Refuse what other sites send, by whatever name they found this computer."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.server.hosts:
            raise _RefusalError(403, f"Open the page at {self.server.address}")
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{hosts[0]}":
            raise _RefusalError(403, "Pages of other sites may not use the demo.")

    def _find_file(self):
        path = urlsplit(self.path).path
        if path == "/read":
            raise _RefusalError(405, _METHODS)
        if path not in self.server.files:
            raise _RefusalError(404, "The demo has no such page.")
        return self.server.files[path]

    def _read_picture(self):
        """Return the answer as JSON, or None if nobody waits for it any more."""
        url = urlsplit(self.path)
        if url.path != "/read":
            raise _RefusalError(405, _METHODS)
        query = parse_qs(url.query)
        kind = query.get("kind", ["picture"])[0]
        if kind not in KINDS:
            raise _RefusalError(400, f"`kind` must be one of {KINDS}, got {kind!r}.")
        if self.headers.get_content_type() != _PICTURE_TYPE:
            raise _RefusalError(415, f"A picture must be sent as {_PICTURE_TYPE}.")
        content = self._read_body()
        name = query.get("name", ["the picture"])[0]
        try:
            found = self.server.reader.read(content, name, kind, self._is_awaited)
        except ValueError as error:
            self._send(422, _JSON, _as_json({"error": str(error)}))
            return None
        except OSError:  # the browser has left
            raise
        except Exception:
            self.server.handle_error(self.request, self.client_address)
            fault = "The demo failed; its terminal shows why."
            self._send(500, _JSON, _as_json({"error": fault}))
            return None
        return _JSON, _as_json(found)

    def _find_length(self):
        """Return the size of the body that the request announces, or None."""
        length = self.headers.get("Content-Length", "")
        return int(length) if re.fullmatch("[0-9]{1,15}", length) else None

    def _read_body(self):
        length = self._find_length()
        if length is None or "Transfer-Encoding" in self.headers:
            raise _RefusalError(411, "The size of a picture must be sent first.")
        if length > MOST_BYTES:
            size = f"{MOST_BYTES // 1_000_000} MB"
            raise _RefusalError(
                413, f"A picture must have at most {size}, got {length / 1e6:.0f} MB."
            )
        content = self.rfile.read(length)
        if len(content) < length:
            raise ConnectionAbortedError
        return content

    def _drop_body(self):
        """Read the rest of a refused request, as far as it is not absurdly large."""
        self.wfile.flush()
        self.connection.settimeout(1)
        left = min(self._find_length() or 0, _MOST_DROPPED)
        while left > 0 and (part := self.rfile.read(min(left, 1 << 16))):
            left -= len(part)

    def _is_awaited(self):
        """Return whether the browser still waits for the answer."""
        ready, _, _ = select.select([self.connection], [], [], 0)
        return not ready or bool(self.connection.recv(1, socket.MSG_PEEK))

    def _send(self, status, kind, content):
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if status == 405:
            self.send_header("Allow", "GET, HEAD, POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
