import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

pytest.importorskip("detector.network", reason="the folder pretraining is not here")

from detector.checkpoint import Average, load_checkpoint, save_checkpoint
from detector.export import build_onnx
from detector.network import CONTRAST_FLOOR, POOL, WINDOW, build_network, compute_loss
from detector.supply import Supply, draw_batch
from detector.targets import N_CHANNELS, N_CLASSES, make_target

from skmnist._reading import pyramid
from tests.onnx_runtime import onnxruntime

# A limit of what the package ships, bytes.
LARGEST = 2_000_000


@pytest.fixture(scope="module")
def weights():
    """Of a network whose normalizations are not those of a new one."""
    rng = np.random.default_rng(0)
    network = build_network(64, 64)
    return [
        w * rng.uniform(0.6, 1.1, w.shape).astype(np.float32)
        + (rng.uniform(0, 0.1, w.shape).astype(np.float32) if w.ndim == 1 else 0)
        for w in network.get_weights()
    ]


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = build_network(64, 64)
    model.compile(keras.optimizers.AdamW(1e-3), loss=compute_loss, jit_compile=False)
    return model


@pytest.fixture(scope="module")
def batches():
    rng = np.random.default_rng(1)
    boxes, labels = np.array([[8, 8, 30, 40]], np.float32), np.array([3])
    target = make_target(boxes, labels)[:16, :16]
    pages = rng.integers(0, 256, (2, 2, 64, 64, 1)).astype(np.uint8)
    return [(page, np.stack([target, target])) for page in pages]


@pytest.mark.parametrize("shape", [(64, 96), (61, 83), (9, 40)])
def test_onnx_answers_as_the_network_does(weights, shape):
    rng = np.random.default_rng(2)
    pages = rng.integers(0, 256, (2, *shape)).astype(np.uint8)
    missing = [(0, 0), *((0, -n % 8) for n in shape)]
    padded = np.pad(pages, missing, mode="edge")
    network = build_network(*padded.shape[1:])
    network.set_weights(weights)
    answer = network(padded[..., None], training=False)
    answer = keras.ops.convert_to_numpy(answer).transpose(0, 3, 1, 2)
    session = onnxruntime.InferenceSession(build_onnx(network).SerializeToString())
    heat, size, offset = session.run(None, {"pages": pages[:, None]})
    logits = answer[:, :N_CLASSES].astype(float)
    assert_allclose(heat, 1 / (1 + np.exp(-logits)), atol=1e-4)
    assert_allclose(size, answer[:, N_CLASSES : N_CLASSES + 2], atol=1e-4)
    assert_allclose(offset, answer[:, N_CLASSES + 2 :], atol=1e-4)


def test_onnx_is_small(weights):
    network = build_network(64, 64)
    network.set_weights(weights)
    assert len(build_onnx(network).SerializeToString()) < LARGEST


def test_loss_is_least_for_the_target_itself():
    boxes, labels = np.array([[8, 8, 30, 40]], np.float32), np.array([3])
    target = make_target(boxes, labels)[None]
    right = np.concatenate(
        [np.where(target[..., :N_CLASSES] == 1, 9, -9), target[..., 15:19]], axis=-1
    ).astype(np.float32)
    assert target.shape[-1] == N_CHANNELS
    assert float(compute_loss(target, right)) < 0.01
    wrong = right.copy()
    wrong[..., [3, 5]] = wrong[..., [5, 3]]
    assert float(compute_loss(target, wrong)) > 1


def test_ignored_place_does_not_change_the_loss():
    boxes, labels = np.array([[8, 8, 30, 40]], np.float32), np.array([-1])
    target = make_target(boxes, labels)[None]
    quiet = np.full((*target.shape[:3], N_CLASSES + 4), -9, np.float32)
    loud = quiet.copy()
    loud[0, 2:10, 2:7, 3] = 9
    assert float(compute_loss(target, loud)) == float(compute_loss(target, quiet))


def test_training_goes_on_from_a_checkpoint_as_if_not_stopped(model, batches, tmp_path):
    average = Average(model)
    model.train_on_batch(*batches[0])
    average.add(model)
    save_checkpoint(tmp_path / "checkpoint.npz", model, average, 1)
    model.train_on_batch(*batches[1])
    expected = model.get_weights()
    model.train_on_batch(*batches[0])
    assert load_checkpoint(tmp_path / "checkpoint.npz", model, average) == 1
    model.train_on_batch(*batches[1])
    for weight, other in zip(model.get_weights(), expected, strict=True):
        assert_array_equal(weight, other)


def test_checkpoint_leaves_no_other_file(model, tmp_path):
    model.optimizer.build(model.trainable_variables)
    save_checkpoint(tmp_path / "checkpoint.npz", model, Average(model), 0)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_supply_begins_at_any_step(material):
    supply = Supply(material, 5, 2, first=3, n_processes=0)
    for step in (3, 4):
        for one, other in zip(
            supply.next(), draw_batch(material, 5, step, 2), strict=True
        ):
            assert_array_equal(one, other)


def test_what_the_reader_takes_for_blank_is_noise_to_the_network():
    assert pyramid._BLANK == CONTRAST_FLOOR
    assert (pyramid._POOL, pyramid._WINDOW) == (POOL, WINDOW)
