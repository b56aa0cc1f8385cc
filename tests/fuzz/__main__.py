"""Try damaged and forged model files, pictures and arrays, and count how they end.

    python -m tests.fuzz --cases 2000 --seed 0

Each case ends in a result or in a clear error; anything else is listed with the command
that repeats it, and the exit status is 1. 2,000 cases take some two minutes in two
processes. It needs Linux, which tells the peak of a process's memory.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter, deque
from multiprocessing.connection import wait

from tests.fuzz.cases import KINDS, choose_kind
from tests.fuzz.worker import work

# Seconds without an answer after which a process is taken to hang, also on a machine
# that is busy with other things.
_PATIENCE = 60.0

# Seconds for a process to start, which may have to compile the training kernel.
_START = 600.0

_FINE = ("result", "error")

# Cases of a process. What libraries keep of damaged files, 0.1 MB of each, would
# otherwise be counted for later ones.
_MOST_CASES = 1000


class Worker:
    """A process that runs one case at a time."""

    def __init__(self, *settings):
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        arguments = theirs, *settings
        self.process = context.Process(target=work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.index, self.deadline = None, time.monotonic() + _START
        self.n_cases = 0

    def give(self, index):
        """Let the process run a case; None ends it."""
        self.index, self.deadline = index, time.monotonic() + _PATIENCE
        self.n_cases += 1
        self.connection.send(index)

    def end(self):
        """End the process, and return why it had ended by itself."""
        self.process.join(1)
        code = self.process.exitcode
        self.process.kill()
        self.process.join()
        return "hang" if code is None else f"crash ({code})"


def run_all(indices, n_workers, *settings):
    """Run cases in a few processes; yield the number and outcome of each."""
    waiting = deque(indices)
    # If the training kernel must be compiled, it is in a process of its own: the memory
    # that it takes would count for every case.
    first = Worker(*settings)
    first.connection.recv()
    first.end()
    workers = [Worker(*settings) for _ in range(min(n_workers, len(waiting)))]
    while workers:
        ready = set(wait([worker.connection for worker in workers], timeout=1))
        for worker in [*workers]:
            outcome, alive = None, True
            if worker.connection in ready:
                try:
                    outcome = worker.connection.recv()
                except EOFError:
                    alive = False
            elif time.monotonic() < worker.deadline:
                continue
            else:
                alive = False
            if not alive:
                outcome = worker.end(), 0.0, 0.0
                workers.remove(worker)
            if worker.index is not None:
                yield worker.index, *outcome
            elif not alive:
                raise RuntimeError(f"A process did not start: {outcome[0]}.")
            if not waiting:
                if alive:
                    worker.give(None)
                    workers.remove(worker)
                continue
            if alive and worker.n_cases == _MOST_CASES:
                worker.give(None)
                workers.remove(worker)
                alive = False
            if not alive:
                workers.append(Worker(*settings))
                continue
            worker.give(waiting.popleft())


def print_table(counts, peaks):
    """Print how many cases of each kind ended how."""
    outcomes = sorted({outcome for _, outcome in counts})
    width = max(map(len, [*outcomes, "peak memory, MB"]))
    print(f"{'':{width}}  " + "  ".join(f"{kind:>8}" for kind in KINDS))
    for outcome in [*_FINE, *(o for o in outcomes if o not in _FINE)]:
        numbers = "  ".join(f"{counts[kind, outcome]:8,}" for kind in KINDS)
        print(f"{outcome:{width}}  {numbers}")
    for name, place in (("peak memory, MB", 0), ("longest, s", 1)):
        numbers = "  ".join(f"{peaks[kind][place]:8.1f}" for kind in KINDS)
        print(f"{name:{width}}  {numbers}")


def parse_arguments():
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="run the case with this number")
    parser.add_argument("--kind", choices=KINDS, help="run the cases of this kind only")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--megabytes", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=5)
    return parser.parse_args()


def main():
    """Run the cases and print the table."""
    options = parse_arguments()
    indices = range(options.cases) if options.only is None else [options.only]
    if options.kind is not None:
        kinds = ((i, choose_kind(options.seed, i)[0]) for i in indices)
        indices = [i for i, kind in kinds if kind == options.kind]
    limits = options.megabytes, options.seconds
    counts, peaks = Counter(), {kind: [0.0, 0.0] for kind in KINDS}
    n_faults, started = 0, time.monotonic()
    settings = options.seed, limits, options.only is not None
    runs = run_all(indices, options.processes, *settings)
    for index, outcome, megabytes, seconds in runs:
        kind, _ = choose_kind(options.seed, index)
        counts[kind, outcome] += 1
        peaks[kind] = [max(peaks[kind][0], megabytes), max(peaks[kind][1], seconds)]
        if outcome not in _FINE:
            n_faults += 1
            command = f"python -m tests.fuzz --seed {options.seed} --only {index}"
            print(f"{kind}: {outcome}. {command}", flush=True)
    print_table(counts, peaks)
    n_cases = sum(counts.values())
    print(f"{n_cases:,} cases in {time.monotonic() - started:.0f} s, {n_faults} faults")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())
