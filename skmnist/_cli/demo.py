"""skmnist demo: a page in the browser to draw on and to read pictures with."""

import os
import threading
import webbrowser
from typing import Annotated

import typer

from skmnist._cli.inputs import load_model
from skmnist._cli.networks import ModelOption
from skmnist._cli.options import number_option


def demo(
    model: ModelOption = None,
    port: Annotated[
        int,
        number_option(
            int,
            "Port of the page's address; 0 is any that is free.",
            at_least=0,
            at_most=65535,
        ),
    ] = 0,
    no_browser: Annotated[
        bool,
        typer.Option(
            "--no-browser", help="Print the address only; do not open a browser."
        ),
    ] = False,
):
    """Draw digits and read pictures on a page in the browser, on this computer only."""
    from skmnist._cli.console import busy, make_console

    with busy(make_console(), "Loading the network ..."):
        server = _make_server(model, port)
    with server:
        _announce(server.address, no_browser)
        # The first prediction takes longer; it should not be the first stroke's.
        warm_up = threading.Thread(target=server.reader.warm_up)
        warm_up.start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("The demo has ended.", err=True)
        # While Python ends, its imports would fail.
        warm_up.join()


def _make_server(model, port):
    from skmnist._cli.demo_reader import DemoReader
    from skmnist._cli.demo_server import DemoServer

    classifier = None if model is None else load_model(model)
    reader = DemoReader(classifier, None if model is None else model.name)
    try:
        return DemoServer(reader, port)
    except OSError as error:
        raise typer.BadParameter(
            f"must be free, but {port} cannot be used: {error.strerror or error}.",
            param_hint="'--port'",
        ) from None


def _announce(address, no_browser):
    """Print where the page is, and open it."""
    if no_browser:
        typer.echo(address)
        return
    typer.echo(f"The demo is at {address} (Ctrl-C ends it)")
    # In a thread, because some systems wait until the browser is closed.
    threading.Thread(target=_open_browser, args=[address], daemon=True).start()


def _open_browser(address):
    try:
        browser = webbrowser.get()
    except webbrowser.Error:  # there is none
        return
    # Without a screen it is one for the terminal, which would take this command's.
    is_for_terminal = type(browser) is webbrowser.GenericBrowser
    if not is_for_terminal or "BROWSER" in os.environ:
        webbrowser.open(address)
