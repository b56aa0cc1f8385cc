"""CompileCache: Numba's cache of compiled functions, which survives damaged files."""

import hashlib
import pickle
from contextlib import suppress

from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.serialize import dumps


class _CheckedResult(CompileResultCacheImpl):
    """Stores compiled code with its SHA-256: running damaged code ends the process."""

    def reduce(self, result):
        """Return the digest and the bytes of a compiled function."""
        content = dumps(super().reduce(result))
        return hashlib.sha256(content).digest(), content

    def rebuild(self, target_context, payload):
        """Return the compiled function; raise ValueError if its bytes are damaged."""
        digest, content = payload
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("The compiled function was altered after it was saved.")
        return super().rebuild(target_context, pickle.loads(content))


class CompileCache(FunctionCache):
    """A cache whose files may be truncated, damaged or impossible to write.

    Numba raises whatever pickle raises for such a file, at every call, until somebody
    deletes it. Here the function is compiled again, and the files are replaced.

    Parameters
    ----------
    function : function
        The function to compile. RuntimeError if no folder for its cache is writable.
    """

    _impl_class = _CheckedResult

    def load_overload(self, signature, target_context):
        """Return the compiled function from the cache, or None."""
        try:
            return super().load_overload(signature, target_context)
        except Exception:  # the bytes of a damaged file can raise anything
            self._clear()
            return None

    def save_overload(self, signature, result):
        """Save a compiled function, if the files can be written."""
        try:
            super().save_overload(signature, result)
        except Exception:
            # The index is read first, and may have been damaged since.
            self._clear()

    def _clear(self):
        """Replace the index by an empty one, if it can be written."""
        with suppress(OSError):
            self.flush()
