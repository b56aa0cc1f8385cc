"""The kernel as machine code for this processor, made from bitcode by LLVM."""

import ctypes
import hashlib
from pathlib import Path

# Written by `python -m kernel.build`: the same for all processors, not yet optimised.
BITCODE = Path(__file__).with_name("kernel.bc")

NAMES = ("run_batches", "warp_images")

# Each function gets the addresses of a table of arrays, of integers and of numbers.
_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_void_p] * 3)


def prefixed(name):
    """Return the name of a function of the kernel among all that a process has."""
    return f"skmnist_{name}"


def describe_target():
    """Return a name for all that the machine code depends on.

    Returns
    -------
    str
        Another one for another kernel, version of LLVM or processor.
    """
    import llvmlite
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features().flatten()
    parts = (llvmlite.__version__, llvm.llvm_version_info, llvm.get_process_triple())
    parts += (llvm.get_host_cpu_name(), features)
    return hashlib.sha256(BITCODE.read_bytes() + repr(parts).encode()).hexdigest()[:16]


def compile_kernel():
    """Compile the kernel.

    Returns
    -------
    bytes
        An object file.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple = llvm.get_process_triple()
    machine = llvm.Target.from_triple(triple).create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
    module = llvm.parse_bitcode(BITCODE.read_bytes())
    module.triple, module.data_layout = triple, str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


class Kernel:
    """The kernel, loaded into this process.

    Parameters
    ----------
    code : bytes
        An object file that `compile_kernel` returned.
    """

    def __init__(self, code):
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        linker = llvm.create_lljit_compiler()
        library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name in NAMES:
            library.export_symbol(prefixed(name))
        tracker = library.link(linker, "skmnist")
        self._functions = {name: _FUNCTION(tracker[prefixed(name)]) for name in NAMES}
        self._owners = linker, tracker  # without them LLVM would free the code

    def call(self, name, table, integers, numbers):
        """Call a function; while it runs, other threads run too.

        Parameters
        ----------
        name : {"run_batches", "warp_images"}
            Which one.
        table : ndarray of shape (n_arrays, 4), int64
            The address and the shape of each array, padded with zeros.
        integers : ndarray of shape (n_integers,), int64
            Other arguments.
        numbers : ndarray of shape (n_numbers,), float32
            Other arguments.
        """
        arguments = (array.ctypes.data for array in (table, integers, numbers))
        self._functions[name](*arguments)
