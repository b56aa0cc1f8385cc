"""Which sources the kernel was made of."""

import hashlib
from pathlib import Path

from skmnist._network import architecture
from skmnist._training import dense_arrays
from skmnist._training.machine_code import prefixed

# A constant in the kernel that names the sources it was made of.
DIGEST = prefixed("sources")


def digest_sources():
    """Return the SHA-256 of the files that the kernel is made of.

    Returns
    -------
    str
        Hexadecimal.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    files += [Path(module.__file__) for module in (architecture, dense_arrays)]
    content = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()
