"""Compiles the kernel to bitcode with Numba.

Run `python -m kernel.build` in the project's folder after each change in `kernel/`. It
writes `skmnist/_training/kernel.bc`. Use the oldest llvmlite that pyproject.toml allows
and the Numba that belongs to it: LLVM reads what older versions of it wrote, but not
what newer ones wrote. With an argument, it writes to that file instead.
"""

import os
import re
import sys
from pathlib import Path

# Optimisation waits for the user's processor. Numba reads this when it is imported.
os.environ["NUMBA_OPT"] = "0"

import llvmlite.binding as llvm
from numba import cfunc

from kernel.digest import DIGEST, digest_sources
from kernel.entries import ENTRIES, SIGNATURE
from kernel.intrinsics import OPTIONS
from skmnist._training.machine_code import BITCODE, prefixed

# Numba counts the references to an array, which takes longer than the work on a row.
# The kernel's arrays own no memory, so there is nothing to count.
_REFERENCE = re.compile(r"^ *call void @NRT_(in|de)cref\(.*$", re.MULTILINE)


def build():
    """Return the kernel as LLVM bitcode.

    Returns
    -------
    bytes
        The same for every processor with 64 bits.
    """
    llvm.initialize_native_target()
    text = f'@{DIGEST} = constant [64 x i8] c"{digest_sources()}"'
    kernel = llvm.parse_assembly(text)
    for entry in ENTRIES:
        compiled = cfunc(SIGNATURE, **OPTIONS)(entry)
        module = llvm.parse_assembly(_REFERENCE.sub("", compiled.inspect_llvm()))
        module.get_function(compiled.native_name).name = prefixed(entry.__name__)
        kernel.link_in(module)
    _simplify(kernel)
    return kernel.as_bitcode()


def _simplify(kernel):
    """Remove what Numba added for callers in Python, such as exceptions."""
    names = {DIGEST, *(prefixed(entry.__name__) for entry in ENTRIES)}
    for value in (*kernel.functions, *kernel.global_variables):
        if not value.is_declaration and value.name not in names:
            value.linkage = "internal"
    target = llvm.Target.from_triple(llvm.get_process_triple())
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    # Whatever depends on the processor is left to the user's.
    options.loop_vectorization = options.slp_vectorization = False
    options.loop_unrolling = options.loop_interleaving = False
    builder = llvm.create_pass_builder(target.create_target_machine(opt=1), options)
    passes = builder.getModulePassManager()
    passes.add_strip_dead_prototype_pass()
    passes.run(kernel, builder)


def main():
    """Write the kernel."""
    content, path = build(), Path(*sys.argv[1:2] or [BITCODE])
    path.write_bytes(content)
    print(f"{path}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
