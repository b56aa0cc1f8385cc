"""download: the content of a URL, within limits of size and time."""

import threading
from concurrent.futures import Future
from http.client import IncompleteRead
from urllib.request import urlopen

# Bytes read at a time.
_CHUNK = 2**16


def download(url, *, most, seconds, timeout):
    """Download a file into memory.

    A download that is killed leaves nothing behind.

    Parameters
    ----------
    url : str
        Where from.
    most : int
        The most bytes that it may have, whatever the server announces.
    seconds : float
        The longest that all of it may take, also if a byte comes now and then.
    timeout : float
        Seconds to wait for the next bytes.

    Returns
    -------
    bytearray
        The content.

    Raises
    ------
    OSError, HTTPException
        If the server cannot be reached, or does not send all of it in time.
    ValueError
        If it is larger.
    """
    outcome, cancelled = Future(), threading.Event()

    def work():
        try:
            outcome.set_result(_read_body(url, most, timeout, cancelled))
        except BaseException as error:
            outcome.set_exception(error)

    # In a thread, because a server may also take for ever over its headers. It does not
    # keep the process from ending.
    threading.Thread(target=work, name="skmnist-download", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.done():
            raise  # no byte for `timeout` seconds
        raise TimeoutError(f"it took longer than {seconds:g} s") from None
    finally:
        cancelled.set()


def _read_body(url, most, timeout, cancelled):
    content = bytearray()
    with urlopen(url, timeout=timeout) as response:
        # Unlike `read`, `read1` returns what there is.
        while not cancelled.is_set() and (chunk := response.read1(_CHUNK)):
            content += chunk
            if len(content) > most:
                raise ValueError(f"it has more than {most:,} bytes")
        if response.length:
            raise IncompleteRead(content, response.length)
    return content
