import http.client
import json
import re
import socket
import threading

import pytest

from skmnist._cli.demo_examples import list_examples
from skmnist._cli.demo_server import MOST_BYTES, DemoServer

SENT = {"Content-Type": "application/octet-stream"}


class StubReader:
    """Answers with what it was given."""

    def __init__(self):
        self.wait = lambda: None

    def describe(self):
        return {"classes": ["0", "1"], "model": None}

    def read(self, content, name, kind, is_wanted):
        self.wait()
        if content == b"broken":
            raise ValueError(f"'{name}' is broken.")
        if content == b"fault":
            raise KeyError("a fault of the program")
        return {"size": len(content), "name": name, "kind": kind, "wanted": is_wanted()}


@pytest.fixture(scope="module")
def server():
    with DemoServer(StubReader()) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    yield connection
    connection.close()


def ask(connection, method, path, body=None, **headers):
    """Return the status, the type and the content of the answer."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, SENT | headers)
    response = connection.getresponse()
    return response.status, response.headers["Content-Type"], response.read()


def find_error(answer):
    """Return the status and the sentence of an answer that is an error."""
    status, kind, content = answer
    assert kind == "application/json"
    return status, json.loads(content)["error"]


def send(server, request):
    """Send bytes, and return all that is answered."""
    with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(4096):
            answer += part
        return answer


def test_it_listens_on_the_loopback_address_only(server):
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


def test_the_page_and_all_that_it_names_are_served(server, connection):
    status, kind, page = ask(connection, "GET", "/")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    names = set(re.findall(r'(?:src|href)="([^"]+)"', page.decode()))
    assert {"main.js", "style.css", "favicon.svg"} <= names
    scripts = {name for name in server.files if name.endswith(".js")}
    for script in scripts:
        content = ask(connection, "GET", script)[2].decode()
        names |= set(re.findall(r'from "\./([^"]+)"', content))
    for name in names:
        assert ask(connection, "GET", f"/{name}")[0] == 200
    assert scripts <= {f"/{name}" for name in names}


def test_the_page_asks_for_nothing_elsewhere(server):
    for _, content in server.files.values():
        addresses = re.findall(rb"https?://[^\"'\s]+", content)
        assert {*addresses} <= {b"http://www.w3.org/2000/svg"}


def test_the_state_lists_examples_that_are_served(connection, tmp_path):
    state = json.loads(ask(connection, "GET", "/state")[2])
    assert state["classes"] == ["0", "1"]
    assert state["most_bytes"] == MOST_BYTES
    paths = list_examples(tmp_path)
    assert [e["name"] for e in state["examples"]] == [
        path.stem.replace("_", " ") for path in paths
    ]
    for example, path in zip(state["examples"], paths, strict=True):
        status, kind, content = ask(connection, "GET", f"/{example['url']}")
        assert (status, kind) == (200, "image/png")
        assert content == path.read_bytes()


@pytest.mark.parametrize("path", ["/", "/state", "/nowhere"])
def test_every_answer_has_the_headers_that_protect(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Python" not in response.headers["Server"]


def test_head_has_no_body(connection):
    connection.request("HEAD", "/")
    response = connection.getresponse()
    assert response.status == 200
    assert int(response.headers["Content-Length"]) > 1000
    assert response.read() == b""


def test_a_picture_is_read(connection, server):
    origin = server.address.rstrip("/")
    path = "/read?kind=drawing&name=a%20b.png"
    status, kind, content = ask(connection, "POST", path, b"12345", Origin=origin)
    assert (status, kind) == (200, "application/json")
    assert json.loads(content) == {
        "size": 5,
        "name": "a b.png",
        "kind": "drawing",
        "wanted": True,
    }


def test_a_picture_that_cannot_be_read_has_an_error(connection):
    answer = ask(connection, "POST", "/read?name=a.png", b"broken")
    assert find_error(answer) == (422, "'a.png' is broken.")
    # The connection can still be used.
    assert ask(connection, "POST", "/read", b"fine")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../demo_server.py",
        "/%2e%2e/demo_server.py",
        "/examples/../../demo_server.py",
        "/..%5c..%5capp.py",
        "//etc/passwd",
        "/etc/passwd",
        "/index.html",
        "/examples/99.png",
        "/examples/",
    ],
)
def test_there_are_no_other_files(connection, path):
    assert find_error(ask(connection, "GET", path))[0] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "ODD"])
def test_other_methods_are_refused(connection, method):
    status, error = find_error(ask(connection, method, "/read"))
    assert status == 405
    assert "GET" in error


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/read"), ("POST", "/"), ("POST", "/state")]
)
def test_a_method_of_another_path_is_refused(connection, method, path):
    assert find_error(ask(connection, method, path))[0] == 405


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1", ""]
)
def test_other_hosts_are_refused(connection, server, method, host):
    host = host.format(port=server.server_port)
    answer = ask(connection, method, "/read", b"", Host=host)
    assert find_error(answer) == (403, f"Open the page at {server.address}")


def test_two_hosts_are_refused(server):
    host = f"Host: 127.0.0.1:{server.server_port}\r\n"
    request = f"GET / HTTP/1.1\r\n{host}Host: evil.example\r\n\r\n"
    assert send(server, request.encode()).startswith(b"HTTP/1.1 403 ")


def test_localhost_is_accepted(connection, server):
    host = f"localhost:{server.server_port}"
    assert ask(connection, "GET", "/", Host=host)[0] == 200
    answer = ask(connection, "POST", "/read", b"1", Host=host, Origin=f"http://{host}")
    assert answer[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "https://{host}"]
)
def test_other_origins_are_refused(connection, server, origin):
    origin = origin.format(host=f"127.0.0.1:{server.server_port}")
    answer = ask(connection, "POST", "/read", b"1", Origin=origin)
    assert find_error(answer) == (403, "Pages of other sites may not use the demo.")


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "application/json", "image/png", ""]
)
def test_what_a_form_of_another_site_could_send_is_refused(connection, kind):
    answer = ask(connection, "POST", "/read", b'{"a": ', Content_Type=kind)
    assert find_error(answer)[0] == 415


def test_an_unknown_kind_is_refused(connection):
    status, error = find_error(ask(connection, "POST", "/read?kind=odd", b"1"))
    assert status == 400
    assert "'odd'" in error


@pytest.mark.parametrize("extra", [1, 10**6])
def test_an_oversized_picture_is_refused(connection, extra):
    # http.client has sent all of it before it looks for an answer.
    answer = ask(connection, "POST", "/read", bytes(MOST_BYTES + extra))
    assert find_error(answer) == (
        413,
        f"A picture must have at most 40 MB, got {40 + extra // 10**6} MB.",
    )


def request_with(server, headers, body=b""):
    host = f"Host: 127.0.0.1:{server.server_port}"
    lines = ["POST /read HTTP/1.1", host, "Content-Type: application/octet-stream"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], b"411"),
        (["Content-Length: -1"], b"411"),
        (["Content-Length: 1e3"], b"411"),
        (["Content-Length: " + "9" * 15], b"413"),
        (["Transfer-Encoding: chunked"], b"411"),
        (["Content-Length: 5", "Transfer-Encoding: chunked"], b"411"),
    ],
)
def test_a_size_that_is_missing_or_absurd_is_refused(server, headers, status):
    answer = send(server, request_with(server, headers))
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"x" * 70_000]
)
def test_junk_is_answered_by_an_error(server, junk):
    answer = send(server, junk + b"\r\n\r\n")
    assert b'{"error": ' in answer
    assert b"<html" not in answer.lower()


def test_a_browser_that_leaves_is_no_fault(server, capfd, connection):
    started, go_on = threading.Event(), threading.Event()

    def wait():
        started.set()
        assert go_on.wait(60)

    server.reader.wait = wait
    try:
        with socket.create_connection(("127.0.0.1", server.server_port)) as left:
            left.sendall(request_with(server, ["Content-Length: 4"], b"page"))
            assert started.wait(60)
        with socket.create_connection(("127.0.0.1", server.server_port)) as left:
            left.sendall(request_with(server, ["Content-Length: 9"], b"half"))
    finally:
        go_on.set()
        server.reader.wait = lambda: None
    assert ask(connection, "GET", "/")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_fault_of_the_program_is_answered_and_shown(server, connection, capfd):
    status, error = find_error(ask(connection, "POST", "/read", b"fault"))
    assert (status, error) == (500, "The demo failed; its terminal shows why.")
    assert "KeyError: 'a fault of the program'" in capfd.readouterr().err


def test_requests_are_answered_at_the_same_time(server):
    barrier = threading.Barrier(8)
    server.reader.wait = lambda: barrier.wait(60)
    answers = []

    def read(size):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
        content = ask(connection, "POST", "/read", bytes(size))[2]
        answers.append(json.loads(content)["size"])
        connection.close()

    threads = [threading.Thread(target=read, args=[size]) for size in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.reader.wait = lambda: None
    assert sorted(answers) == [*range(1, 9)]


def test_a_port_that_is_taken_is_an_error(server):
    with pytest.raises(OSError, match=r"use|usage|permitted"):
        DemoServer(StubReader(), server.server_port)
