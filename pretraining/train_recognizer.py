"""Train the recognizer that comes with the package: it says what was detected.

Run as `python pretraining/train_recognizer.py` when the detector is trained. Pages are
drawn as for the detector, from the first 50,000 of MNIST's training images; what the
detector finds on them, right or wrong, is cut out and is what is learnt. The examples
are kept in the folder, and a checkpoint is written after each epoch: the same command
goes on from there. The same bits come again on the same machine with the same versions.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from _keras_training import limit_threads, make_optimizer
from detector.checkpoint import Average, load_checkpoint, save_checkpoint
from recognizer.examples import BORDER, NOTHING, draw_examples
from recognizer.export import build_onnx
from recognizer.network import build_network
from train_detector import make_material

from skmnist._reading.recognition import N_PIXELS

# Seeds of the pages that are learnt and of those that are not; the detector's is 0.
_SEED, _OTHER_SEED = 1, 2
# Of MNIST's training images.
TRAINING, HELD_OUT = slice(0, 50_000), slice(50_000, 60_000)
_N_PAGES, _N_OTHER = 30_000, 2_000

# An hour and a half on one core, a third of it for the pages.
_N_EPOCHS, _BATCH_SIZE = 16, 128
_LEARNING_RATE, _WARM_UP = 2e-3, 400
_AVERAGED = 50  # steps between two weights that are averaged

# How windows are varied: the greatest turn, in radians; shear; and change of width and
# height, in logarithms.
_TURN, _SHEAR, _STRETCH = 0.14, 0.1, 0.12

# The share of the windows with more noise, and its greatest standard deviation, grey
# levels.
_NOISY, _MOST_NOISE = 0.3, 8.0


def main():
    """Train, or go on."""
    args = _parse_arguments()
    args.folder.mkdir(parents=True, exist_ok=True)
    # Pages are drawn by forks: they begin before the backend starts its threads.
    examples = _draw(args.folder / "examples.npz", _SEED, TRAINING, args.pages, args)
    held_out = _draw(
        args.folder / "held_out.npz", _OTHER_SEED, HELD_OUT, _N_OTHER, args
    )
    limit_threads(args.threads)
    keras.utils.set_random_seed(_SEED)
    keras.config.set_dtype_policy(args.precision)
    model = build_network()
    n_steps = len(examples[1]) // _BATCH_SIZE
    optimizer = make_optimizer(_LEARNING_RATE, args.epochs * n_steps, _WARM_UP)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=False)
    average, first = Average(model), 0
    file = args.folder / "checkpoint.npz"
    if file.exists():
        first = load_checkpoint(file, model, average)
    for epoch in range(first, args.epochs):
        _train_epoch(model, average, examples, epoch)
        save_checkpoint(file, model, average, epoch + 1)
        averaged = build_network()
        averaged.set_weights(average.weights)
        _report(averaged, held_out)
        written = build_onnx(averaged).SerializeToString()
        (args.folder / "recognizer.onnx").write_bytes(written)


def _parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("recognizer_training"),
        help="where examples, checkpoints and the network go",
    )
    parser.add_argument("--pages", type=int, default=_N_PAGES, help="to draw")
    parser.add_argument("--epochs", type=int, default=_N_EPOCHS)
    parser.add_argument("--processes", type=int, default=2, help="that draw pages")
    parser.add_argument("--threads", type=int, default=1, help="that train")
    parser.add_argument(
        "--precision",
        choices=["float32", "mixed_bfloat16"],
        default="mixed_bfloat16",
        help="of the convolutions",
    )
    return parser.parse_args()


def _draw(file, seed, images, n_pages, args):
    """Return examples, which are kept in a file."""
    if not file.exists():
        material = make_material(images)
        drawn = draw_examples(material, seed, range(n_pages), args.processes)
        np.savez(file, windows=drawn[0], labels=drawn[1])
    with np.load(file) as arrays:
        return arrays["windows"], arrays["labels"]


def _train_epoch(model, average, examples, epoch):
    """See every example once, each time a bit otherwise."""
    windows, labels = examples
    rng = np.random.default_rng([_SEED, epoch])
    order = rng.permutation(len(labels))
    n_steps = len(labels) // _BATCH_SIZE
    start = time.monotonic()
    losses = []
    for step in range(n_steps):
        chosen = order[step * _BATCH_SIZE : (step + 1) * _BATCH_SIZE]
        model.reset_metrics()
        batch = _vary(windows[chosen], rng)
        losses.append(float(model.train_on_batch(batch[..., None], labels[chosen])))
        if step % _AVERAGED == 0:
            average.add(model)
        if (step + 1) % 500 == 0:
            rate = (step + 1) * _BATCH_SIZE / (time.monotonic() - start)
            print(
                f"{time.strftime('%H:%M:%S')} epoch {epoch + 1}, step {step + 1} of "
                f"{n_steps}, loss {np.mean(losses):.4f}, {rate:.0f} windows/s",
                flush=True,
            )
            losses = []


def _vary(windows, rng):
    """Bend windows, cut them a bit beside, invert half of them, add noise to some."""
    varied = np.empty((len(windows), N_PIXELS, N_PIXELS), np.uint8)
    places = rng.integers(0, 2 * BORDER + 1, (len(windows), 2)).tolist()
    for window, wide, (y, x) in zip(varied, _bend(windows, rng), places, strict=True):
        window[:] = wide[y : y + N_PIXELS, x : x + N_PIXELS]
    varied[rng.random(len(varied)) < 0.5] ^= 255
    noisy = rng.random(len(varied)) < _NOISY
    spread = rng.uniform(0, _MOST_NOISE, (noisy.sum(), 1, 1))
    noise = spread * rng.standard_normal(varied[noisy].shape)
    varied[noisy] = np.clip(np.rint(varied[noisy] + noise), 0, 255)
    return varied


def _bend(windows, rng):
    """Turn, shear and stretch windows about their middle."""
    n, middle = len(windows), (windows.shape[1] - 1) / 2
    turn = rng.uniform(-_TURN, _TURN, n)
    shear = rng.uniform(-_SHEAR, _SHEAR, n)
    wide, high = np.exp(rng.uniform(-_STRETCH, _STRETCH, (2, n)))
    cos, sin = np.cos(turn), np.sin(turn)
    a, b, d, e = wide * cos, shear * cos - high * sin, wide * sin, high * cos
    c, f = middle * (1 - a - b), middle * (1 - d - e)
    transforms = np.stack([a, b, c, d, e, f, 0 * a, 0 * a], axis=1)
    bent = keras.ops.image.affine_transform(
        windows[..., None].astype(np.float32),
        transforms.astype(np.float32),
        fill_mode="nearest",
        data_format="channels_last",
    )
    return np.rint(keras.ops.convert_to_numpy(bent)[..., 0]).astype(np.uint8)


def _report(model, held_out):
    """Print how much of what was not learnt is right."""
    windows, labels = held_out
    middle = slice(BORDER, BORDER + N_PIXELS)
    logits = model.predict(windows[:, middle, middle, None], batch_size=500, verbose=0)
    logits = logits.astype(np.float64)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    loss = -logits[np.arange(len(labels)), labels].mean()
    found = logits.argmax(axis=1)
    parts = {"all": slice(None), "digits": labels < 10, "nothing": labels == NOTHING}
    shares = [
        f"{name} {np.mean(found[part] == labels[part]):.2%}"
        for name, part in parts.items()
    ]
    print(f"held out: loss {loss:.4f}, right of {', '.join(shares)}", flush=True)


if __name__ == "__main__":
    main()
