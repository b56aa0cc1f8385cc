"""Standard output and standard error, whose faults never stop a command's work."""

import codecs
import errno
import io
import os
import select
import sys

import typer

from skmnist._data.printable import printable

# What tables and help texts have beyond ASCII, and its spelling where it cannot be
# encoded. All other characters become escapes, such as \\u0663.
_SPELLINGS = {"\N{HORIZONTAL ELLIPSIS}": "...", "\N{EN DASH}": "-"}

# The reader has left, which is no fault: as in `skmnist predict folder | head -1`.
# Windows says EINVAL.
_READER_LEFT = (errno.EPIPE, errno.EINVAL)


def protect_streams():
    """Replace `sys.stdout` and `sys.stderr` by streams that never raise.

    They accept any text in any encoding. If one is closed, its reader has left or the
    disk is full, the command goes on: a trained network is still saved.
    """
    codecs.register_error("skmnist", _spell)
    _open_closed_descriptors()
    sys.stdout, sys.stderr = _protect(sys.stdout, 1), _protect(sys.stderr, 2)


def finish_streams(status):
    """Write what is buffered, and return the exit status of the command.

    Parameters
    ----------
    status : int or None
        Exit status of the work.

    Returns
    -------
    int or None
        1 if the work succeeded but its output could not be written.
    """
    sys.stdout.flush()
    error = getattr(sys.stdout, "error", None)
    if not status and error is not None and error.errno not in _READER_LEFT:
        fault = printable(error.strerror)
        typer.echo(f"Error: standard output cannot be written: {fault}.", err=True)
        status = 1
    sys.stderr.flush()
    return status


def _spell(error):
    """Replace characters that an encoding lacks; an error handler of codecs."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    escape = codecs.lookup_error("backslashreplace")
    spelt = [
        _SPELLINGS.get(character)
        or escape(UnicodeEncodeError("ascii", character, 0, 1, ""))[0]
        for character in missing
    ]
    return "".join(spelt), error.end


def _open_closed_descriptors():
    """Open the null device in place of closed standard streams.

    Otherwise the next file that is opened would get the number of a standard stream,
    and what libraries print would be written into it.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)
    os.close(handle)


def _protect(stream, descriptor):
    if stream is None:  # it was closed when Python started
        return open(descriptor, "w", encoding="utf-8", closefd=False)
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        return stream
    stream.flush()
    return _Text(
        _Output(stream, getattr(buffer, "raw", buffer)),
        encoding=stream.encoding,
        errors="skmnist",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Output(io.RawIOBase):
    """Writes to another raw stream until that fails, and then ignores what it gets."""

    def __init__(self, owner, raw):
        self._owner = owner  # would close it if nobody held it
        self._raw = raw
        self.error = None

    def writable(self):
        return True

    def fileno(self):
        return self._raw.fileno()

    def isatty(self):
        return self._raw.isatty()

    def write(self, data):
        if self.error is None:
            try:
                return self._write(data)
            except OSError as error:
                self.error = error
        return len(data)

    def _write(self, data):
        # None: it is full, and another program has made it non-blocking.
        while (written := self._raw.write(data)) is None:
            select.select([], [self._raw], [])
        return written


class _Text(io.TextIOWrapper):
    """A text stream that hides its buffer.

    Typer writes UTF-8 to the buffer of a stream in ASCII, if it finds one.
    """

    def __init__(self, output, **options):
        super().__init__(io.BufferedWriter(output), **options)
        self._output = output

    @property
    def buffer(self):
        raise AttributeError("buffer")

    @property
    def error(self):
        """The OSError that ended the output, or None."""
        return self._output.error
