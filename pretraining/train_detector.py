"""Train the detector that comes with the package, which finds digits on pages.

Run as `python pretraining/train_detector.py`. Pages are drawn from MNIST's training
images, found as `skmnist.fetch_mnist` finds them, and from fonts with free licences;
`python -m detector.fonts` in this folder prints the command that installs these. No
other picture is trained on. Any backend of Keras 3 does; on two cores, TensorFlow was
the fastest.

A checkpoint is written every few minutes, and the same command goes on from it. The
same bits come again on the same machine with the same versions, stopped or not, however
many processes draw the pages. Convolutions in bfloat16 need three quarters of the time
where the processor knows it; elsewhere choose `--precision float32`. With each
checkpoint the network is written as ONNX.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from detector.canvas import SIDE
from detector.checkpoint import Average, load_checkpoint, save_checkpoint
from detector.digits import Digits
from detector.export import build_onnx
from detector.fonts import DISPLAY, HANDWRITING, PRINT, find_faces
from detector.network import build_network, compute_loss
from detector.supply import Supply
from detector.writing import Material

from skmnist import fetch_mnist

SEED = 0

# Steps of a training, and pages in each: three hours on two cores.
N_STEPS, BATCH_SIZE = 52_000, 16

# The learning rate rises over some steps, then falls along a cosine to a hundredth:
# Loshchilov and Hutter, "SGDR", ICLR 2017. With larger batches it is higher, by the
# square root: Hoffer, Hubara and Soudry, "Train longer, generalize better", NeurIPS
# 2017, section 4.1.
_LEARNING_RATE, _WARM_UP, _LAST = 2e-3, 400, 0.01
_WEIGHT_DECAY, _CLIP = 1e-4, 3.0

# Steps between two lines of the log, and between two weights that are averaged.
_REPORTED, _AVERAGED = 100, 20


def main():
    """Train, or go on."""
    args = _parse_arguments()
    args.folder.mkdir(parents=True, exist_ok=True)
    # Pages are drawn by forks: they begin before the backend starts its threads.
    material = make_material()
    file = args.folder / "checkpoint.npz"
    first = int(np.load(file)["step"]) if file.exists() else 0
    supply = Supply(material, args.seed, args.batch_size, first, args.processes)
    try:
        _limit_threads(args.threads)
        keras.utils.set_random_seed(args.seed)
        keras.config.set_dtype_policy(args.precision)
        model = _make_model(args.steps, args.batch_size)
        average = Average(model)
        if file.exists():
            load_checkpoint(file, model, average)
        _train(model, average, supply, first, args)
    finally:
        supply.stop()


def make_material():
    """Return what pages are drawn from: digits and fonts."""
    mnist = fetch_mnist(subset="train")
    return Material(
        Digits(mnist.images, mnist.target),
        find_faces(PRINT),
        find_faces(DISPLAY),
        find_faces(HANDWRITING),
    )


def _parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("detector_training"),
        help="where checkpoints and the network go",
    )
    parser.add_argument("--steps", type=int, default=N_STEPS, help="of the training")
    parser.add_argument(
        "--batch-size", type=int, default=BATCH_SIZE, help="pages in a step"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=1, help="that draw pages")
    parser.add_argument("--threads", type=int, default=1, help="that train")
    parser.add_argument(
        "--precision",
        choices=["float32", "mixed_bfloat16"],
        default="mixed_bfloat16",
        help="of the convolutions",
    )
    parser.add_argument("--minutes", type=float, default=5, help="between checkpoints")
    return parser.parse_args()


def _limit_threads(n_threads):
    """Let the backend use some threads, and compute the same bits each time."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(n_threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(n_threads)
        # Not all of what is needed has such a form on a GPU.
        torch.use_deterministic_algorithms(not torch.cuda.is_available())


def _make_model(n_steps, batch_size):
    """Return the network, ready to be trained for some steps."""
    model = build_network(SIDE, SIDE)
    highest = _LEARNING_RATE * (batch_size / BATCH_SIZE) ** 0.5
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        n_steps - _WARM_UP,
        alpha=_LAST,
        warmup_target=highest,
        warmup_steps=_WARM_UP,
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=_WEIGHT_DECAY, global_clipnorm=_CLIP
    )
    model.compile(optimizer, loss=compute_loss, jit_compile=False)
    return model


def _train(model, average, supply, first, args):
    """Do the steps that are left."""
    saved, losses = time.monotonic(), []
    busy, waited = 0.0, 0.0
    for step in range(first, args.steps):
        start = time.monotonic()
        pages, targets = supply.next()
        waited += time.monotonic() - start
        # Keras averages what it returns over all steps since the last reset.
        model.reset_metrics()
        losses.append(float(model.train_on_batch(pages, targets)))
        # A process that is stopped for a while does not look slower than it is.
        busy += min(time.monotonic() - start, 5.0)
        done = step + 1
        if done % _AVERAGED == 0:
            average.add(model)
        if done % _REPORTED == 0:
            _report(done, args.steps, losses, busy, waited)
            losses, busy, waited = [], 0.0, 0.0
        is_due = time.monotonic() - saved > 60 * args.minutes
        if is_due or done == args.steps:
            _save(args.folder, model, average, done)
            saved = time.monotonic()


def _report(done, n_steps, losses, busy, waited):
    """Print how far the training is, and the time left."""
    left = (n_steps - done) * busy / len(losses)
    hours, minutes = divmod(int(left / 60), 60)
    rate = len(losses) / busy
    print(
        f"{time.strftime('%H:%M:%S')} step {done} of {n_steps}, "
        f"loss {np.mean(losses):.4f}, {rate:.2f} steps/s, "
        f"{waited / busy:.0%} waiting for pages, {hours}:{minutes:02} left",
        flush=True,
    )


def _save(folder, model, average, step):
    """Write the checkpoint, and the average as the network to use."""
    save_checkpoint(folder / "checkpoint.npz", model, average, step)
    averaged = build_network(SIDE, SIDE)
    averaged.set_weights(average.weights)
    temporary = folder / "detector.onnx.part"
    temporary.write_bytes(build_onnx(averaged).SerializeToString())
    temporary.replace(folder / "detector.onnx")


if __name__ == "__main__":
    main()
