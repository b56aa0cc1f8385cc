import importlib
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import Bunch

from skmnist import MNISTClassifier, load_digits28

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CORRUPTIONS = runpy.run_path(str(BENCHMARKS / "_corruptions.py"))["CORRUPTIONS"]
DRAWN = sorted(set(CORRUPTIONS) - {"scale", "brightness", "stripe", "canny edges"})
N_TRAIN = 600


@pytest.fixture(scope="module")
def digits28():
    digits = load_digits28()
    return Bunch(images=digits.images[:800], target=digits.target[:800])


@pytest.fixture
def corrupt(digits28):
    """A function of the name of a corruption and images; by default of the digits."""

    def corrupt(name, images=digits28.images, seed=0):
        return CORRUPTIONS[name](images, np.random.default_rng(seed))

    return corrupt


@pytest.fixture
def bars():
    """A hundred upright bars through the centre, 4 pixels wide and 16 high."""
    bars = np.zeros((100, 28, 28), np.uint8)
    bars[:, 6:22, 12:16] = 255
    return bars


def find_centre(images):
    """Return the rows and the columns of the centres of mass, from the middle."""
    places = np.arange(28) - 13.5
    mass = images.sum(axis=(1, 2), dtype=float)
    rows = images.sum(axis=2, dtype=float) @ places / mass
    return rows, images.sum(axis=1, dtype=float) @ places / mass


def slant(image):
    """Return by how much the columns move to the right from one row to the next."""
    inked = np.flatnonzero(image.sum(axis=1, dtype=int) > 4 * 200)[1:-1]
    middles = image[inked] @ np.arange(28) / image[inked].sum(axis=1, dtype=int)
    return np.polyfit(inked, middles, 1)[0]


def test_there_are_fifteen():
    assert len(CORRUPTIONS) == 15


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_digits_stay_digits_that_can_be_told_apart(name, corrupt, digits28):
    before = digits28.images.copy()
    corrupted = corrupt(name)
    assert corrupted.shape == before.shape
    assert corrupted.dtype == np.uint8
    np.testing.assert_array_equal(digits28.images, before)
    assert (corrupted != before).any(axis=(1, 2)).all()
    rows, labels = corrupted.reshape(len(corrupted), -1), digits28.target
    judge = KNeighborsClassifier(3).fit(rows[:N_TRAIN], labels[:N_TRAIN])
    assert judge.score(rows[N_TRAIN:], labels[N_TRAIN:]) > 0.6


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_seed_decides(name, corrupt, bars):
    first, again, other = (corrupt(name, bars[:9], seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(again, first)
    assert (other != first).any() == (name in DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_equal_images_are_corrupted_differently(name, corrupt, bars):
    assert len(np.unique(corrupt(name, bars[:9]), axis=0)) > 1


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("n_images", [0, 1])
def test_blank_and_missing_images_are_taken(name, n_images, corrupt):
    blank = np.zeros((n_images, 28, 28), np.uint8)
    assert corrupt(name, blank).shape == blank.shape


def test_shot_noise_counts_three_photons_in_full_ink(corrupt, bars):
    noisy = corrupt("shot noise", bars)
    assert set(np.unique(noisy)) == {0, 85, 170, 255}
    assert not noisy[bars == 0].any()
    # Of a Poisson distribution of mean 3.
    assert np.mean(noisy[bars > 0] == 0) == pytest.approx(np.exp(-3), rel=0.1)


def test_impulse_noise_spoils_one_pixel_in_six(corrupt):
    noisy = corrupt("impulse noise", np.full((100, 28, 28), 100, np.uint8))
    assert np.mean(noisy == 0) == pytest.approx(0.085, rel=0.1)
    assert np.mean(noisy == 255) == pytest.approx(0.085, rel=0.1)
    assert np.mean(noisy == 100) == pytest.approx(0.83, rel=0.1)


@pytest.mark.parametrize("name", ["glass blur", "motion blur"])
def test_blurs_keep_the_ink(name, corrupt, bars):
    blurred = corrupt(name, bars)
    assert blurred.max() < 255
    assert blurred.mean() == pytest.approx(bars.mean(), rel=0.02)


def test_motion_blur_smears_to_the_left(corrupt, bars):
    rows, columns = find_centre(corrupt("motion blur", bars))
    assert (columns < -1).all()
    assert (abs(rows) <= -columns + 0.05).all()
    assert rows.min() < 0 < rows.max()


def test_shear_slants_to_either_side(corrupt, bars):
    slants = [slant(image) for image in corrupt("shear", bars)]
    np.testing.assert_allclose(np.abs(slants), np.sin(0.4), atol=0.02)
    assert 30 < np.count_nonzero(np.array(slants) > 0) < 70


def test_rotate_turns_to_either_side(corrupt, bars):
    slants = [slant(image) for image in corrupt("rotate", bars)]
    np.testing.assert_allclose(np.abs(np.arctan(slants)), 0.4, atol=0.02)
    assert 30 < np.count_nonzero(np.array(slants) > 0) < 70


@pytest.mark.parametrize(
    ("name", "factor"), [("scale", 0.7**2), ("rotate", 1), ("shear", 1 / np.cos(0.4))]
)
def test_areas_and_centres_are_kept_in_proportion(name, factor, corrupt, bars):
    corrupted = corrupt(name, bars)
    assert corrupted.mean() == pytest.approx(factor * bars.mean(), rel=0.03)
    np.testing.assert_allclose(find_centre(corrupted), 0, atol=0.05)


def test_translate_moves_all_ink_diagonally(corrupt, bars):
    moved = corrupt("translate", bars)
    assert (moved.sum(axis=(1, 2)) == bars.sum(axis=(1, 2))).all()
    centres = np.round(np.transpose(find_centre(moved)), 6)
    places, counts = np.unique(centres, axis=0, return_counts=True)
    assert places.tolist() == [[-3, -3], [-3, 3], [3, -3], [3, 3]]
    assert counts.min() > 10


def test_brightness_lifts_the_paper_to_the_middle(corrupt, digits28):
    lifted = np.minimum(digits28.images + 127.5, 255)
    np.testing.assert_allclose(corrupt("brightness"), lifted, atol=0.5)


def test_stripe_inverts_seven_columns_on_either_side(corrupt, digits28):
    striped = corrupt("stripe")
    np.testing.assert_array_equal(striped[:, :, 7:21], digits28.images[:, :, 7:21])
    outer = np.r_[:7, 21:28]
    inverted = 255 - digits28.images[:, :, outer]
    np.testing.assert_array_equal(striped[:, :, outer], inverted)


def test_fog_leaves_a_quarter_of_the_contrast(corrupt, bars):
    foggy = corrupt("fog", bars)
    contrast = foggy[:, 6:22, 12:16].mean() - foggy[:, 6:22, 8:20].mean()
    clear = bars[:, 6:22, 12:16].mean() - bars[:, 6:22, 8:20].mean()
    assert contrast == pytest.approx(clear / 4, rel=0.1)


def test_spatter_is_no_brighter_than_mud(corrupt, digits28):
    assert (corrupt("spatter") <= np.maximum(digits28.images, 63)).all()


@pytest.mark.parametrize("name", ["dotted line", "zigzag"])
def test_lines_cross_the_image_and_only_add_ink(name, corrupt, digits28):
    assert (corrupt(name) >= digits28.images).all()
    lines = corrupt(name, np.zeros((100, 28, 28), np.uint8))
    columns = np.flatnonzero(lines.any(axis=(0, 1)))
    assert columns[0] <= 3
    assert columns[-1] >= 24
    assert lines.any(axis=(1, 2)).all()


def test_lines_are_dotted_by_two_columns(corrupt):
    lines = corrupt("dotted line", np.zeros((100, 28, 28), np.uint8))
    inked = lines.any(axis=(0, 1))
    assert inked.tolist() == 7 * [False, False, True, True]


def test_canny_edges_are_the_outline(corrupt, bars):
    edges = corrupt("canny edges", bars[:1])[0]
    assert set(np.unique(edges)) == {0, 255}
    assert not edges[:5].any()
    # Either side of the bar, one or two pixels wide, and nothing between.
    for row in edges[9:19] > 0:
        assert row[11:13].any()
        assert row[15:17].any()
        assert not row[13:15].any()


def test_edges_of_one_image_do_not_depend_on_the_others(corrupt, digits28):
    alone = np.concatenate(
        [corrupt("canny edges", image[None]) for image in digits28.images[:20]]
    )
    np.testing.assert_array_equal(corrupt("canny edges")[:20], alone)


@pytest.fixture
def robustness(monkeypatch, digits28):
    """The command, with scikit-learn's digits in place of MNIST's."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("robustness")
    monkeypatch.setattr(module, "fetch_mnist", lambda subset: digits28)
    return module


def run(module, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["robustness.py", *map(str, arguments)])
    module.main()


def test_command_writes_a_report_and_a_picture(
    robustness, monkeypatch, tmp_path, digits28, capsys
):
    X = digits28.images[:200].reshape(200, -1)
    model = MNISTClassifier(epochs=1, random_state=0).fit(X, digits28.target[:200])
    model.save(tmp_path / "small.onnx")
    models = ["--models", f"first={tmp_path / 'small.onnx'}", tmp_path / "small.onnx"]
    output = tmp_path / "report.md"
    run(robustness, monkeypatch, *models, "--rows", 20, "--output", output)
    report = output.read_text()
    assert "|  | first | small |" in report
    accuracy = model.score(X[:20], digits28.target[:20])
    assert f"| clean | {100 * accuracy:.1f} | {100 * accuracy:.1f} |" in report
    for name in [*CORRUPTIONS, "mean of the 15"]:
        assert f"\n| {name} | " in report
    assert "(report.png)" in report
    assert (tmp_path / "report.png").stat().st_size > 5000
    assert "canny edges: " in capsys.readouterr().out


def test_normalised_digits_get_columns_of_their_own(robustness, digits28):
    class Judge:
        def predict(self, rows):
            return np.full(len(rows), 7)

    images, labels = digits28.images[:3], np.array([7, 7, 1])
    with parallel_config("threading"):  # processes take seconds to start
        accuracies = robustness.compare_corruptions(
            {"sevens": Judge()}, images, labels, with_normalizer=True
        )
    assert [*accuracies["clean"]] == ["sevens", "sevens, normalised"]
    assert [*accuracies["clean"].values()] == pytest.approx([2 / 3, 2 / 3])


def test_the_pretrained_networks_are_measured_where_none_is_given(
    robustness, monkeypatch
):
    monkeypatch.setattr(sys, "argv", ["robustness.py"])
    assert set(robustness.parse_arguments().models) == {"conv", "dense"}
