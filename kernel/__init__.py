"""The training kernel: sources that `python -m kernel.build` compiles with Numba.

The package holds the result, `skmnist/_training/kernel.bc`, and needs no Numba.
"""
