import hashlib
import json
import os
import pickle
import pickletools
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest

import skmnist
import skmnist._estimator.saving
from skmnist import MNISTClassifier
from skmnist._network.onnx_graph import ACTIVATIONS
from tests.data.test_files import needs_fifos
from tests.network.test_onnx_graph import VARIANTS, draw_pixels, make_classifier
from tests.network.test_onnx_session import run_python
from tests.onnx_runtime import onnxruntime

GOLDEN = Path(__file__).parents[1] / "golden"
PRETRAINED = Path(skmnist.__file__).parent / "pretrained"

# Begins programs that must not import the modules named in the variable BLOCKED.
BLOCKER = """
import os, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in os.environ["BLOCKED"].split():
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocker())
"""

LOAD = """
import pickle
import numpy as np
from skmnist import MNISTClassifier

X = np.load(sys.argv[3])
expected = MNISTClassifier.load(sys.argv[1]).predict_proba(X)
with open(sys.argv[2], "rb") as file:
    np.testing.assert_array_equal(pickle.load(file).predict_proba(X), expected)
np.save(sys.argv[4], expected)
"""

RUNTIME = """
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
names = [output.name for output in session.get_outputs()]
outputs = session.run(names, {"pixels": np.load(sys.argv[2])})
outputs[0] = outputs[0].astype(str)
np.savez(sys.argv[3], **dict(zip(names, outputs)))
"""

# Sleeps when the new file is complete but has not yet replaced the old one.
SAVE_HALFWAY = """
import os, sys, time
from skmnist import MNISTClassifier

def fsync(file):
    print("halfway", flush=True)
    time.sleep(60)

classifier = MNISTClassifier.load(sys.argv[1])
os.fsync = fsync
classifier.save(sys.argv[1])
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.onnx"


def reloaded(classifier, path):
    classifier.save(path)
    return MNISTClassifier.load(path)


def assert_same_predictions(loaded, classifier, X):
    expected = classifier.predict_proba(X)
    np.testing.assert_array_equal(loaded.predict_proba(X), expected, strict=True)
    expected = classifier.predict(X)
    np.testing.assert_array_equal(loaded.predict(X), expected, strict=True)


@pytest.mark.parametrize("variant", [*VARIANTS, "no hidden layer"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_loaded_network_predicts_the_same_bits(activation, variant, path):
    params = VARIANTS.get(variant, {"hidden_layer_sizes": ()})
    classifier = make_classifier(activation=activation, **params)
    assert_same_predictions(reloaded(classifier, path), classifier, draw_pixels(100))


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(np.arange(10), id="int"),
        pytest.param(np.arange(-5, 5, dtype=np.int8), id="negative"),
        pytest.param(np.arange(10, dtype=np.uint64) + 2**63, id="uint64"),
        pytest.param(np.arange(10, dtype=">i4"), id="big-endian"),
        pytest.param(np.arange(10) / 1, id="float"),
        pytest.param(np.array([False, True]), id="bool"),
        pytest.param(np.array(["nil", "one", "twenty-two"]), id="str"),
        pytest.param(np.array(["nil", "one"], dtype="U40"), id="wide str"),
        pytest.param(np.array(["nil", "one"], dtype=object), id="object"),
        pytest.param(
            np.array(["", "٣", "零", "\N{DIGIT ONE FULL STOP}"]), id="unicode"
        ),
    ],
)
def test_labels_of_every_type_come_back(labels, path):
    classifier = make_classifier(labels)
    loaded = reloaded(classifier, path)
    np.testing.assert_array_equal(loaded.classes_, classifier.classes_, strict=True)
    assert_same_predictions(loaded, classifier, draw_pixels(100))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, bool])
def test_pixels_of_every_dtype_are_scaled_alike(dtype, path):
    classifier = make_classifier(dtype=dtype)
    loaded = reloaded(classifier, path)
    assert loaded._state.meta["pixel_dtype_"] == classifier._state.meta["pixel_dtype_"]
    assert_same_predictions(loaded, classifier, draw_pixels(100, dtype=dtype))


@pytest.fixture(scope="module")
def trained(digits):
    """A classifier with all attributes and parameters that a file can hold."""
    X, _, y, _ = digits
    columns = [f"pixel {i}" for i in range(64)]
    return MNISTClassifier(
        hidden_layer_sizes=[np.int64(16)],
        batch_norm=True,
        dropout=0.1,
        epochs=6,
        early_stopping=True,
        class_weight={"digit 3": 2.0, "digit 5": np.float32(0.5)},
        learning_rate=np.float64(0.002),
        random_state=np.random.RandomState(0),
    ).fit(pd.DataFrame(X, columns=columns), np.array([f"digit {i}" for i in y]))


def test_fitted_attributes_come_back(trained, digits, path):
    loaded = reloaded(trained, path)
    assert loaded.history_ == trained.history_
    assert loaded.n_iter_ == trained.n_iter_
    assert loaded.best_epoch_ == trained.best_epoch_
    assert loaded.n_features_in_ == 64
    np.testing.assert_array_equal(
        loaded.feature_names_in_, trained.feature_names_in_, strict=True
    )
    assert loaded.summary() == trained.summary()
    for ours, theirs in zip(loaded.coefs_, trained.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)
    X = pd.DataFrame(digits[1], columns=trained.feature_names_in_)
    assert_same_predictions(loaded, trained, X)
    with pytest.raises(ValueError, match="feature names"):
        loaded.predict(X.rename(columns={"pixel 0": "pixel zero"}))


def test_parameters_come_back_except_those_that_no_file_can_hold(trained, path):
    params = reloaded(trained, path).get_params()
    assert params == trained.get_params() | {
        "hidden_layer_sizes": (16,),
        "random_state": None,
    }


def test_saving_a_loaded_file_writes_the_same_bytes(trained, path):
    trained.save(path)
    MNISTClassifier.load(path).save(path.with_name("again.onnx"))
    assert path.with_name("again.onnx").read_bytes() == path.read_bytes()


def test_images_come_back_as_images(tiny, path):
    X, y = tiny
    classifier = MNISTClassifier(epochs=1, random_state=0).fit(X.reshape(-1, 3, 3), y)
    loaded = reloaded(classifier, path)
    assert loaded.image_shape_ == (3, 3)
    assert_same_predictions(loaded, classifier, X.reshape(-1, 3, 3))


@pytest.mark.parametrize("train_on", ["fit", "partial_fit"])
@pytest.mark.parametrize("copied", ["saved", "pickled"])
def test_training_continues_after_loading(copied, train_on, tiny, path):
    classifier = MNISTClassifier((5,), epochs=2, warm_start=True, random_state=0)
    classifier.fit(*tiny)
    if copied == "saved":
        copy = reloaded(classifier, path)
    else:
        copy = pickle.loads(pickle.dumps(classifier))
    getattr(copy, train_on)(*tiny)
    more = {"fit": 2, "partial_fit": 1}[train_on]
    assert copy.history_["loss"][:2] == classifier.history_["loss"]
    assert len(copy.history_["loss"]) == copy.n_iter_ == 2 + more
    assert not np.array_equal(copy.coefs_[0], classifier.coefs_[0])


@pytest.mark.parametrize(
    "labels", [np.arange(10), np.arange(10).astype(str), np.array([False, True])]
)
def test_onnx_runtime_alone_gives_the_same_labels_and_probabilities(
    labels, path, tmp_path
):
    classifier = make_classifier(labels, activation="selu", batch_norm=True)
    X = draw_pixels(200)
    classifier.save(path)
    np.save(tmp_path / "X.npy", X)
    program = tmp_path / "program.py"
    program.write_text(BLOCKER + RUNTIME)
    run_python(
        program,
        path,
        tmp_path / "X.npy",
        tmp_path / "outputs.npz",
        BLOCKED="skmnist sklearn scipy tensorflow keras scikeras onnx",
        ORT_DISABLE_TELEMETRY="1",
    )
    outputs = np.load(tmp_path / "outputs.npz")
    np.testing.assert_array_equal(outputs["label"], classifier.predict(X).astype(str))
    np.testing.assert_allclose(
        outputs["probabilities"], classifier.predict_proba(X), atol=1e-5
    )
    logits = classifier._lazy.session.run(X)
    np.testing.assert_allclose(outputs["logits"], logits, rtol=1e-5, atol=1e-4)


def test_files_and_pickles_load_without_tensorflow(trained, digits, tmp_path):
    trained.model_  # noqa: B018  builds the Keras model
    trained.save(tmp_path / "model.onnx")
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(trained))
    np.save(tmp_path / "X.npy", digits[1])
    program = tmp_path / "program.py"
    program.write_text(BLOCKER + LOAD)
    names = ["model.onnx", "model.pickle", "X.npy", "expected.npy"]
    run_python(
        program,
        *(tmp_path / name for name in names),
        BLOCKED="tensorflow keras scikeras",
        PYTHONWARNINGS="ignore",  # X has no feature names
    )
    X = pd.DataFrame(digits[1], columns=trained.feature_names_in_)
    np.testing.assert_array_equal(
        np.load(tmp_path / "expected.npy"), trained.predict_proba(X)
    )


def test_a_pickle_names_no_class_of_keras(trained):
    trained.model_  # noqa: B018
    opcodes = pickletools.genops(pickle.dumps(trained))
    strings = {arg for _, arg, _ in opcodes if isinstance(arg, str)}
    modules = {string.replace(" ", ".").partition(".")[0] for string in strings}
    assert "skmnist" in modules
    assert not modules & {"keras", "tensorflow", "scikeras", "onnx", "onnxruntime"}


def test_the_file_of_the_default_network_is_smaller_than_half_a_megabyte(path):
    make_classifier(n_features=784).save(path)
    assert path.stat().st_size < 500_000


def run_runtime(path, X):
    """Return what ONNX Runtime alone computes from a file, by name."""
    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"pixels": X}), strict=True))


@pytest.mark.parametrize("name", ["format_1", "format_2", "format_2_dense", "format_3"])
def test_a_file_of_every_format_can_be_loaded(name):
    path = GOLDEN / f"{name}.onnx"
    expected = np.load(path.with_suffix(".npz"))
    loaded = MNISTClassifier.load(path)
    np.testing.assert_array_equal(
        loaded.predict(expected["X"]), expected["labels"], strict=True
    )
    np.testing.assert_allclose(
        loaded.predict_proba(expected["X"]), expected["probabilities"], atol=1e-6
    )
    dense = name == "format_2_dense"
    assert loaded.hidden_layer_sizes == ((8, 6) if dense else (16,))
    assert loaded.history_["loss"] == expected["loss"].tolist()
    assert loaded.image_shape_ == (None if dense else (28, 28))


@pytest.mark.parametrize(
    "path",
    [
        *(GOLDEN / f"{name}.onnx" for name in ("format_1", "format_2")),
        GOLDEN / "format_2_dense.onnx",
    ],
    ids=lambda path: path.stem,
)
def test_files_of_earlier_versions_give_the_bits_that_they_gave(path):
    # Their graphs compute as the versions that wrote them did. The bits differ between
    # processors, so they cannot be stored.
    loaded = MNISTClassifier.load(path)
    X = draw_pixels(300, loaded.n_features_in_)
    np.testing.assert_array_equal(
        loaded.decision_function(X), run_runtime(path, X)["logits"]
    )


@pytest.mark.parametrize(
    ("trained_on", "input_dtype", "expected"),
    [
        (np.uint8, None, "tensor(uint8)"),
        (np.uint8, "float32", "tensor(float)"),
        (np.float32, None, "tensor(float)"),
        (np.float32, "uint8", "tensor(uint8)"),
    ],
)
def test_the_dtype_of_the_pixels_in_the_file_can_be_chosen(
    trained_on, input_dtype, expected, path
):
    classifier = make_classifier(dtype=trained_on)
    classifier.save(path, input_dtype=input_dtype)
    (pixels,) = onnxruntime.InferenceSession(path).get_inputs()
    assert pixels.type == expected
    X = draw_pixels(50)
    dtype = {"tensor(uint8)": np.uint8, "tensor(float)": np.float32}[expected]
    np.testing.assert_array_equal(
        run_runtime(path, X.astype(dtype))["label"], classifier.predict(X)
    )
    loaded = MNISTClassifier.load(path)
    assert loaded._state.meta["pixel_dtype_"] == trained_on
    assert_same_predictions(loaded, classifier, X)


@pytest.mark.parametrize("input_dtype", ["float64", "double", np.float32, 3])
def test_another_dtype_of_the_pixels_is_refused(input_dtype, path):
    with pytest.raises(ValueError, match="`input_dtype` must be None, 'uint8' or"):
        make_classifier().save(path, input_dtype=input_dtype)
    assert not path.exists()


def make_network(meta):
    import keras

    return keras.Sequential(
        [keras.Input((9,)), keras.layers.Dense(3, activation="softmax")]
    )


def test_a_callable_network_is_refused_and_named(tiny, path):
    classifier = MNISTClassifier(network=make_network, epochs=1).fit(*tiny)
    classifier.set_params(network="dense")  # for the next fit
    with pytest.raises(ValueError, match=r"function make_network\. .*model\.keras"):
        classifier.save(path)
    assert not path.exists()


def spoil_weight(classifier):
    classifier._state.weights[0][0, 0] = np.nan


def unset_parameter(classifier):
    classifier.set_params(epochs=-1)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_weight, "cannot be saved: its weights must be finite"),
        (unset_parameter, "cannot be saved: `epochs` must be at least 1, got -1"),
    ],
)
def test_a_classifier_that_could_not_be_loaded_again_is_not_written(
    spoil, message, path
):
    classifier = make_classifier()
    spoil(classifier)
    with pytest.raises(ValueError, match=message):
        classifier.save(path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("limit", "message"),
    [("_LARGEST_FILE", "it takes more"), ("_LARGEST_TEXT", "its metadata take more")],
)
def test_a_file_that_would_be_too_large_is_not_written(
    limit, message, path, monkeypatch
):
    monkeypatch.setattr(skmnist._estimator.saving, limit, 1000)
    with pytest.raises(ValueError, match=f"cannot be saved: {message} than 1,000"):
        make_classifier().save(path)
    assert not path.exists()


@pytest.mark.parametrize("function", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_save_that_fails_leaves_the_old_file(function, error, path, monkeypatch):
    path.write_bytes(b"old")

    def fail(*args):
        raise error

    classifier = make_classifier()
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(error):
        classifier.save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_a_save_that_is_killed_leaves_the_old_file(path):
    classifier = make_classifier()
    classifier.save(path)
    child = subprocess.Popen(
        [sys.executable, "-c", SAVE_HALFWAY, path],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout.readline() == b"halfway\n"
        child.kill()
    assert_same_predictions(MNISTClassifier.load(path), classifier, draw_pixels(10))


def test_saving_through_a_link_replaces_its_target_and_keeps_the_mode(path, tmp_path):
    path.write_bytes(b"old")
    path.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    make_classifier().save(str(link))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    MNISTClassifier.load(path)


def test_a_new_file_has_the_default_mode(path):
    make_classifier().save(path)
    path.with_name("other").touch()
    assert path.stat().st_mode == path.with_name("other").stat().st_mode


@pytest.mark.parametrize("place", ["missing/model.onnx", "file/model.onnx", "folder"])
def test_a_path_that_cannot_be_written_is_an_os_error(place, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"\[Errno"):
        make_classifier().save(tmp_path / place)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@pytest.mark.parametrize("place", ["missing.onnx", "folder"])
def test_a_path_that_cannot_be_read_is_an_os_error(place, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=place):
        MNISTClassifier.load(tmp_path / place)


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@needs_fifos
def test_a_pipe_that_nobody_writes_to_is_refused_at_once(pipe):
    with pytest.raises(ValueError, match="pipe' is a pipe that nobody writes to"):
        MNISTClassifier.load(pipe)


@needs_fifos
def test_a_network_is_loaded_from_a_pipe(pipe, path):
    classifier = make_classifier()
    classifier.save(path)
    # As long as this end is open, the other one neither waits for a reader nor fails.
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with open(pipe, "wb", buffering=0) as file:
        content = path.read_bytes()
        writer = threading.Thread(target=lambda: (file.write(content), file.close()))
        writer.start()
        loaded = MNISTClassifier.load(pipe)
        writer.join()
    os.close(reader)
    assert_same_predictions(loaded, classifier, draw_pixels(10))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="There is no such device.")
def test_a_device_is_no_model():
    with pytest.raises(ValueError, match="'/dev/zero' must be a file or a pipe"):
        MNISTClassifier.load("/dev/zero")


def test_negative_variances_are_refused(path):
    classifier = make_classifier(batch_norm=True)
    classifier._state.weights[5][0] = -1
    with pytest.raises(ValueError, match=r"variances .* must not be negative, got -1"):
        classifier.save(path)


@pytest.mark.parametrize("magnitude", [1e20, 1e30])
def test_a_network_without_finite_probabilities_predicts_nothing(magnitude, path):
    classifier = make_classifier(hidden_layer_sizes=(5, 5))
    for weight in classifier._state.weights:
        weight *= np.float32(magnitude)
    loaded = reloaded(classifier, path)
    with pytest.raises(ValueError, match=r"no finite probabilities .* weights are too"):
        loaded.predict(draw_pixels(3))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a saved file, including the digest."""
    path = tmp_path_factory.mktemp("saved") / "model.onnx"
    make_classifier(hidden_layer_sizes=(3,), n_features=12).save(path)
    MNISTClassifier.load(path)
    return path.read_bytes()


def assert_refused(data, path, message):
    path.write_bytes(data)
    with pytest.raises(ValueError, match=message) as caught:
        MNISTClassifier.load(path)
    assert path.name in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), id="picture"),
        pytest.param(pickle.dumps({"skmnist": 1}), id="pickle"),
        pytest.param(
            onnx.ModelProto(producer_name="pytorch").SerializeToString(), id="ONNX"
        ),
    ],
)
def test_other_files_are_refused(data, path):
    assert_refused(data, path, "was not written by MNISTClassifier.save|truncated")


def test_a_truncated_file_is_refused(content, path):
    for size in range(20, len(content), 7):
        assert_refused(content[:size], path, "truncated")


def test_a_file_with_appended_bytes_is_refused(content, path):
    assert_refused(content + b"\n", path, "does not end with its SHA-256")


def test_a_file_with_one_altered_byte_is_refused(content, path):
    reasons = "altered|truncated|not written by"
    for position in range(0, len(content), 3):
        altered = bytearray(content)
        altered[position] ^= 1 << position % 8
        assert_refused(altered, path, reasons)


def test_a_file_with_an_altered_weight_is_not_called_truncated(content, path):
    altered = bytearray(content)
    altered[len(altered) // 3] ^= 1
    assert_refused(altered, path, "altered after it was saved: its SHA-256 differs")


def test_a_huge_file_is_refused_before_it_is_read(path):
    with open(path, "wb") as file:
        file.truncate(2**28 + 1)  # a sparse file on most disks
    with pytest.raises(ValueError, match="too large: it has 268,435,457 bytes"):
        MNISTClassifier.load(path)


def seal(content):
    """Append the digest, so that forged content looks valid."""
    entry = onnx.ModelProto()
    digest = hashlib.sha256(content).hexdigest()
    entry.metadata_props.add(key="skmnist_sha256", value=digest)
    return content + entry.SerializeToString()


def unpack(content):
    """Return the model without its metadata, and the description in them."""
    model = onnx.ModelProto.FromString(content)
    (text,) = (e.value for e in model.metadata_props if e.key == "skmnist")
    del model.metadata_props[:]
    return model, json.loads(text)


def pack(model, text):
    model.metadata_props.add(key="skmnist", value=text)
    return seal(model.SerializeToString())


def keep_elsewhere(tensor):
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def mention_elsewhere(tensor):
    tensor.external_data.add(key="location", value="/etc/passwd")


def reshape(tensor):
    tensor.dims[:] = reversed(tensor.dims)


def enlarge(tensor):
    tensor.dims[:] = [2**40, 2**20]


def spoil(tensor):
    tensor.raw_data = np.full(36, np.nan, dtype="<f4").tobytes()


def inflate(tensor):
    tensor.raw_data = np.full(36, 3e38, dtype="<f4").tobytes()


def widen(tensor):
    tensor.data_type = onnx.TensorProto.DOUBLE


def rename(tensor):
    tensor.name = "weight_7"


def drop(tensor):
    tensor.name = "other"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (keep_elsewhere, "keeps 'weight_0' in another file, which is not opened"),
        (mention_elsewhere, "keeps 'weight_0' in another file, which is not opened"),
        (reshape, "weights must be finite numbers in the shapes"),
        (enlarge, "cannot reshape"),
        (spoil, "weights must be finite numbers"),
        (inflate, "weights must be at most 1.26765e.30, got 3e.38"),
        (widen, "'weight_0' must be float32"),
        (rename, "KeyError: 'weight_0'"),
        (drop, "KeyError"),
    ],
)
def test_forged_weights_are_refused(change, message, content, path):
    model, described = unpack(content)
    change(next(t for t in model.graph.initializer if t.name == "weight_0"))
    assert_refused(pack(model, json.dumps(described)), path, message)


NESTED = 100_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("null", "metadata have no format"),
        ("[" * NESTED + "]" * NESTED, "RecursionError"),
        ('{"format": ' + "[" * NESTED + "]" * NESTED + "}", "RecursionError"),
        ("9" * 5000, "digits"),
        (" " * 2**23 + "{}", "metadata take more than"),
        ("[" + "{}," * 10**6 + "0]", "metadata have more than 524,288 values"),
        ("[" * 2**20, "metadata have more than 524,288 values"),
    ],
    ids=[
        *("empty", "cut", "null", "nested", "nested deeper", "long number", "long"),
        *("many", "unfinished"),
    ],
)
def test_metadata_that_are_not_a_description_are_refused(text, message, content, path):
    model, _ = unpack(content)
    assert_refused(pack(model, text), path, message)


def test_a_model_without_metadata_is_refused(content, path):
    model, _ = unpack(content)
    assert_refused(seal(model.SerializeToString()), path, "KeyError: 'skmnist'")


FORGERIES = [
    (["format"], 4, "format 4, but this skmnist reads up to 3: install a newer"),
    (["format"], 10**400, "install a newer skmnist"),
    (["format"], "1", "metadata have no format"),
    (["format"], 0, "metadata have no format"),
    *(
        (["temperature"], value, "'temperature' must be from 0.000912 to 1.1e.03, got")
        for value in (0, -1.0, 1e-300, 1e-45, 1e30, float("nan"), True, "hot")
    ),
    (
        ["architecture", "filters"],
        [8],
        "convolutional network must have an image shape",
    ),
    (["architecture", "filters"], [10**9] * 3, "its weights must be finite"),
    (["architecture", "filters"], [0], "`filters` must be an integer or a sequence"),
    (["architecture", "label_smoothing"], 2, "`label_smoothing` must be at least 0"),
    (["params"], [], "'params' is missing from its metadata or has the wrong type"),
    (["params", "epochs"], "many", "`epochs` must be an integer"),
    (["params", "network"], "os.system", "`network` must be one of 'dense'"),
    (["params", "hidden_layer_sizes"], ["3"], "`hidden_layer_sizes` must be"),
    (["params", "class_weight"], [[[], 1]], "unhashable"),
    (["params", "new"], 1, r"it has unknown parameters, \['new'\]"),
    (["params", "hidden_layer_sizes"], [3] * 400_000, "at most 1,000 numbers"),
    (["params", "augmentation"], {"x" * 2**22: 1}, "`augmentation` must have keys"),
    (["classes"], None, "'classes' is missing"),
    (["classes"], [1, 2], "10 labels .* got 2"),
    (["classes"], [*range(9, -1, -1)], "sorted"),
    (["classes"], [0] * 10, "distinct"),
    (["classes"], [[i] for i in range(10)], "of the dtype int64"),
    (["classes"], [i + 0.5 for i in range(10)], "of the dtype int64"),
    (["classes_dtype"], "<U400000000", "in at most 16,777,216 bytes"),
    (["classes_dtype"], "|V1000000000", "got the dtype"),
    (["classes_dtype"], "(9,9,9,9,9,9,9,9)f8", "got the dtype"),
    (["classes_dtype"], "|O", "must be strings"),
    (["classes_dtype"], "<M8", "got the dtype"),
    (["feature_names"], ["a"], "12 strings"),
    (["feature_names"], [*range(12)], "12 strings"),
    (["image_shape"], [3, 5], "12 pixels"),
    (["image_shape"], [-3, -4], "12 pixels"),
    (["image_shape"], [3.0, 4.0], "12 pixels"),
    (["seed"], 1.5, "'seed' is missing"),
    (["pixel_dtype"], "float128", "pixel dtype must be one of"),
    (["pixel_dtype"], "V1000000000", "pixel dtype must be one of"),
    (["architecture", "n_features"], 10**12, "in the shapes"),
    (["architecture", "n_features"], 12.0, "'n_features' must be an integer"),
    (["architecture", "n_classes"], 10**12, "in the shapes"),
    (["architecture", "hidden_layer_sizes"], [10**12], "in the shapes"),
    (["architecture", "hidden_layer_sizes"], [3] * 400_000, "in the shapes"),
    (["architecture", "hidden_layer_sizes"], [3] * 10**6, "more than 524,288 values"),
    (["architecture", "hidden_layer_sizes"], [0], "at least 1"),
    (["architecture", "activation"], "exec", "`activation` must be one of"),
    (["architecture", "dropout"], float("nan"), "`dropout` must be"),
    (["architecture", "new"], 1, "unexpected keyword argument 'new'"),
    (["scaler"], {}, "KeyError: 'scale_'"),
    (["scaler", "scale_"], 0, "'scale_' must be from"),
    (["scaler", "scale_"], 1e-45, "'scale_' must be from"),
    (["scaler", "scale_"], 3e38, "'scale_' must be from"),
    (["scaler", "scale_"], float("nan"), "'scale_' must be a finite number"),
    (["scaler", "data_max_"], 1e300, "'data_max_' must be a finite number"),
    (["scaler", "data_min_"], "0", "'data_min_' must be a finite number"),
    (["rng", "bit_generator"], "MT19937", "PCG64"),
    (["rng", "state"], {"state": 10**400, "inc": 1}, "cannot be loaded"),
    (["history"], [], "'history' is missing"),
    (["history", "loss"], "012", "history of 'loss' must be a list of numbers"),
    (["history", "loss"], [None], "history of 'loss' must be a list of numbers"),
    (["history", "loss"], [], "history of 'loss' must be .* at least one"),
    (["best_epoch"], 3, "best epoch must be from 1 to 2, got 3"),
]


def replaced(described, keys, value):
    *parents, last = keys
    inner = described
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return json.dumps(described)


@pytest.mark.parametrize(("keys", "value", "message"), FORGERIES)
def test_forged_metadata_are_refused(keys, value, message, content, path):
    model, described = unpack(content)
    text = replaced(described, keys, value)
    tracemalloc.start()
    try:
        assert_refused(pack(model, text), path, message)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


# Python cannot remove an audit hook, so this one only records while there is a list.
recordings = []


@sys.addaudithook
def record(event, args):
    if recordings and event == "open":
        recordings[-1].append(args[0])


def mutate_bytes(data, rng):
    """Return the bytes with some flipped, cut, repeated, added or overwritten."""
    start, stop = np.sort(rng.integers(0, len(data), 2))
    match rng.integers(6):
        case 0:
            return data[:start] + rng.bytes(1) + data[start + 1 :]
        case 1:
            return data[:start] + data[min(stop, start + 40) :]
        case 2:
            return data[:stop] + data[start:]
        case 3:
            return data[:start] + rng.bytes(int(rng.integers(1, 20))) + data[start:]
        case 4:
            return data[:start] + b"\xff" * 8 + data[start + 8 :]
        case _:
            flipped = np.frombuffer(data, dtype=np.uint8).copy()
            flipped[rng.integers(0, len(data), 5)] ^= np.uint8(1 << rng.integers(8))
            return flipped.tobytes()


ODD_VALUES = [
    *(None, True, 0, -1, 2**31, 2**63, 10**30, 0.5, -1e308, float("nan"), float("inf")),
    *("", "x", "0" * 1000, "\0", "\ud800", "<U9999999", "__import__('os')"),
    *([], [[]], {}, [0] * 1000, ["x"] * 10, {"x": 1}, [None, 1.5, "x"]),
]


def mutate_value(value, rng):
    """Return the JSON value with one entry, at any depth, replaced by an odd value."""
    if isinstance(value, (dict, list)) and value and rng.random() < 0.9:
        copy = value.copy()
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = keys[rng.integers(len(keys))]
        if isinstance(value, dict) and rng.random() < 0.1:
            del copy[key]
        else:
            copy[key] = mutate_value(value[key], rng)
        return copy
    return ODD_VALUES[rng.integers(len(ODD_VALUES))]


def mutate(content, rng):
    if rng.random() < 0.5:
        return seal(mutate_bytes(content, rng))
    model, described = unpack(content)
    return pack(model, json.dumps(mutate_value(described, rng)))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers near the largest
@pytest.mark.filterwarnings("ignore::skmnist.PixelRangeWarning")
@pytest.mark.parametrize("seed", range(400))
def test_a_mutated_file_loads_or_is_refused_and_no_other_file_is_opened(
    seed, content, path
):
    path.write_bytes(mutate(content, np.random.default_rng(seed)))
    recordings.append([])
    try:
        classifier, reason = MNISTClassifier.load(path), None
    except ValueError as error:
        classifier, reason = None, str(error)
    assert set(recordings.pop()) == {str(path)}
    if classifier is None:
        assert path.name in reason
        assert len(reason) < 1000
    else:
        classifier.predict_proba(draw_pixels(3, classifier.n_features_in_))
