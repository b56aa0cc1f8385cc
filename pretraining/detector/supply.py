"""Batches of pages, drawn by processes beside the training."""

import multiprocessing
import queue
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from detector.page import draw_page
from detector.targets import make_target

# Seconds after which it is asked whether the process that draws is still there.
_PATIENCE = 20


def draw_batch(material, seed, step, batch_size):
    """Draw the pages of a step; the same numbers give the same pages.

    Parameters
    ----------
    material : Material
        What is written with.
    seed : int
        Of all pages.
    step : int
        Which batch.
    batch_size : int
        Pages in each.

    Returns
    -------
    pages : ndarray of shape (batch_size, side, side, 1), uint8
        Pictures.
    targets : ndarray of shape (batch_size, cells, cells, n_channels), float32
        What is to be answered.
    """
    numbers = range(step * batch_size, (step + 1) * batch_size)
    drawn = [draw_page(material, seed, number) for number in numbers]
    pages = np.stack([page for page, _, _ in drawn])[..., None]
    return pages, np.stack([make_target(boxes, labels) for _, boxes, labels in drawn])


class Supply:
    """Draws batches ahead, in the order of the steps whatever the processes.

    Parameters
    ----------
    material : Material
        What is written with.
    seed : int
        Of all pages.
    batch_size : int
        Pages in a batch.
    first : int
        The first step.
    n_processes : int
        How many draw; with 0, the caller's.
    """

    def __init__(self, material, seed, batch_size, first, n_processes):
        self._draw = material, seed, batch_size
        self._step, self._queues, self._processes = first, [], []
        # Processes that are not forks would have to find all the skeletons again.
        context = multiprocessing.get_context("fork") if n_processes else None
        for k in range(n_processes):
            drawn = context.Queue(4)
            steps = first + k, n_processes
            process = context.Process(
                target=_draw_ahead, args=(drawn, *self._draw, *steps), daemon=True
            )
            process.start()
            self._queues.append(drawn)
            self._processes.append(process)
        self._first = first
        # What the processes send is unpacked while the network computes.
        self._thread = ThreadPoolExecutor(1) if n_processes else None
        self._ahead = self._thread.submit(self._receive) if n_processes else None

    def next(self):
        """Return the pages and targets of the next step."""
        if not self._queues:
            material, seed, batch_size = self._draw
            self._step += 1
            return draw_batch(material, seed, self._step - 1, batch_size)
        batch = self._ahead.result()
        self._ahead = self._thread.submit(self._receive)
        return batch

    def _receive(self):
        """Return what the process whose turn it is has drawn."""
        which = (self._step - self._first) % len(self._queues)
        self._step += 1
        while True:
            try:
                return self._queues[which].get(timeout=_PATIENCE)
            except queue.Empty:
                if not self._processes[which].is_alive():
                    raise RuntimeError("A process that draws pages has died.") from None

    def stop(self):
        """End the processes."""
        if self._thread is not None:
            self._thread.shutdown()
        for process in self._processes:
            process.terminate()


def _draw_ahead(drawn, material, seed, batch_size, first, stride):
    step = first
    while True:
        drawn.put(draw_batch(material, seed, step, batch_size))
        step += stride
