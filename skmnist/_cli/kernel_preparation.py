"""The training kernel's preparation, while the data are loaded."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from skmnist._cli.console import busy
from skmnist._estimator.engine_choice import prepare_kernel

_COMPILING = "Compiling the training kernel (once for this installation) ..."
_GLANCE = 0.02  # seconds between two looks at a kernel that may only have to be loaded


class KernelPreparation:
    """Prepares the training kernel in a thread."""

    def __init__(self):
        self._compiles = Event()
        pool = ThreadPoolExecutor(1)
        self._result = pool.submit(prepare_kernel, self._compiles.set)
        pool.shutdown(wait=False)

    def wait(self, console):
        """Wait until the kernel is ready, and show why if it has to be compiled.

        Parameters
        ----------
        console : rich.console.Console
            Where to.
        """
        while not self._result.done() and not self._compiles.wait(_GLANCE):
            pass
        if not self._result.done():
            if not console.is_interactive:
                console.out(_COMPILING)
            with busy(console, _COMPILING):
                self._result.result()
        self._result.result()
