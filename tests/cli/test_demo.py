import http.client
import os
import signal
import subprocess
import sys
import threading
import webbrowser
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from skmnist import MNISTClassifier, load_digits28
from skmnist._cli.app import app
from skmnist._cli.demo import _open_browser
from skmnist._cli.demo_server import DemoServer
from tests.cli.test_demo_server import StubReader


def run(*args):
    """Run the command in this process."""
    args = ["demo", *map(str, args)]
    return CliRunner().invoke(app, args, catch_exceptions=False)


@pytest.fixture
def stopped(monkeypatch):
    """End the demo at once, as Ctrl-C does; collect the servers that were started."""
    servers = []

    def serve_forever(server):
        servers.append(server)
        raise KeyboardInterrupt

    monkeypatch.setattr(DemoServer, "serve_forever", serve_forever)
    return servers


@pytest.fixture
def opened(monkeypatch):
    """Collect the addresses that a browser would be opened at."""
    addresses, done = [], threading.Event()

    def open_browser(address):
        addresses.append(address)
        done.set()

    monkeypatch.setattr(webbrowser, "get", object)
    monkeypatch.setattr(webbrowser, "open", open_browser)
    return addresses, done


def test_a_browser_is_opened_and_ctrl_c_ends_it_politely(stopped, opened):
    result = run()
    (server,) = stopped
    addresses, done = opened
    assert done.wait(60)
    assert addresses == [server.address]
    assert result.exit_code == 0
    assert result.stdout == f"The demo is at {server.address} (Ctrl-C ends it)\n"
    assert result.stderr == "The demo has ended.\n"
    assert server.fileno() == -1


def find_none():
    raise webbrowser.Error("no browser")


@pytest.mark.parametrize(
    "get", [find_none, lambda: webbrowser.GenericBrowser("lynx")], ids=["none", "lynx"]
)
def test_a_terminal_is_not_given_to_a_browser(get, opened, monkeypatch):
    monkeypatch.delenv("BROWSER", raising=False)
    monkeypatch.setattr(webbrowser, "get", get)
    _open_browser("http://127.0.0.1:1/")
    assert opened[0] == []


def test_no_browser_prints_the_address_only(stopped, opened):
    result = run("--no-browser")
    assert result.stdout == f"{stopped[0].address}\n"
    assert opened[0] == []


def test_a_network_of_ones_own_is_used(stopped, opened, tmp_path):
    digits = load_digits28()
    classifier = MNISTClassifier((8,), epochs=1, random_state=0)
    classifier.fit(digits.data, digits.target.astype(str)).save(tmp_path / "my.onnx")
    assert run("--no-browser", "--model", tmp_path / "my.onnx").exit_code == 0
    assert stopped[0].reader.describe()["model"] == "my.onnx"


def assert_refused(result, fault):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert fault in result.stderr


def test_a_network_that_cannot_be_used_is_refused(stopped, opened, fitted, tmp_path):
    assert_refused(run("--model", tmp_path / "none.onnx"), "does not exist")
    (tmp_path / "text.onnx").write_text("no network")
    assert_refused(run("--model", tmp_path / "text.onnx"), "'MODEL'")
    fitted.save(tmp_path / "small.onnx")
    fault = "must be trained on images of 28x28 pixels, got 8x8"
    assert_refused(run("--model", tmp_path / "small.onnx"), fault)
    assert stopped == opened[0] == []


def test_a_port_that_is_taken_is_refused(stopped, opened):
    with DemoServer(StubReader()) as server:
        result = run("--port", server.server_port)
        assert_refused(result, f"must be free, but {server.server_port} cannot be used")
    assert stopped == opened[0] == []


@pytest.mark.parametrize("port", [-1, 65536, "ten"])
def test_what_is_no_port_is_refused(port):
    assert_refused(run("--port", port), "'--port'")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_the_command_serves_until_ctrl_c():
    command = [sys.executable, "-m", "skmnist", "demo", "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        address = urlsplit(process.stdout.readline().strip())
        connection = http.client.HTTPConnection(address.hostname, address.port)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate()
    assert process.returncode == 0
    assert (rest, errors) == ("", "The demo has ended.\n")
