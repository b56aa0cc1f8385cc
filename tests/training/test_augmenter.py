"""Random deformations: what they change, within which limits, and with which seed."""

import numpy as np
import pytest
from scipy import ndimage

from skmnist import MNISTClassifier, load_digits28
from skmnist._training import threads
from skmnist._training.augmentation import AUGMENTATIONS, Augmentation
from skmnist._training.augmenter import Augmenter, smoothing_basis

SEED = np.array([3, 4])


@pytest.fixture(scope="module")
def images():
    return load_digits28().data


def deform(images, shape=(28, 28), seed=SEED, first=0, full=255.0, **limits):
    augmenter = Augmenter(images, Augmentation(**limits), shape, full)
    return augmenter.deform(np.arange(len(images)), first, seed)


def test_without_limits_the_images_stay_as_they_are(images):
    np.testing.assert_array_equal(deform(images), images, strict=True)
    floats = images.astype(np.float32) / 255
    np.testing.assert_allclose(deform(floats), floats, atol=1e-6)


@pytest.mark.parametrize("name", ["affine", "elastic"])
def test_images_change_but_keep_about_as_much_ink(name, images):
    deformed = deform(images, **AUGMENTATIONS[name]._asdict())
    assert deformed.dtype == np.uint8
    changed = (deformed != images).any(axis=1)
    assert changed.mean() == pytest.approx(AUGMENTATIONS[name].share, abs=0.05)
    deformed, images = deformed[changed], images[changed]
    ratio = deformed.sum(axis=1) / images.sum(axis=1)
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert 0.6 < ratio.min() < ratio.max() < 1.6


def middle(images, shape=(28, 28)):
    return np.array([ndimage.center_of_mass(x.reshape(shape)) for x in images])


def test_shifts_are_uniform_within_their_limit(images):
    moves = middle(deform(images, shift=3.0)) - middle(images)
    assert np.abs(moves).max() < 3.2
    assert moves.std(axis=0) == pytest.approx(3 / np.sqrt(3), rel=0.1)
    assert abs(np.corrcoef(moves.T)[0, 1]) < 0.1


def bar(height=28, width=28):
    """Return an image of one vertical bar in the middle."""
    image = np.zeros((height, width), np.uint8)
    image[height // 4 : -(height // 4), width // 2 - 1 : width // 2 + 1] = 255
    return image


def test_rotations_are_uniform_within_their_limit():
    deformed = deform(np.tile(bar().ravel(), (500, 1)), rotation=30.0)
    rows, columns = np.indices((28, 28)) - 13.5
    weight = deformed.reshape(-1, 28, 28) / 255.0
    lean = (weight * rows * columns).sum((1, 2)) / (weight * rows**2).sum((1, 2))
    angles = np.degrees(np.arctan(lean))
    assert 28 < np.abs(angles).max() < 31
    assert angles.std() == pytest.approx(30 / np.sqrt(3), rel=0.15)


def test_scaling_enlarges_and_shrinks_up_to_its_limit():
    image = np.zeros((28, 28), np.uint8)
    image[8:20, 8:20] = 255
    deformed = deform(np.tile(image.ravel(), (500, 1)), scale=0.5).reshape(-1, 28, 28)
    heights = deformed[:, :, 14].sum(axis=1) / 255
    assert 12 / 1.55 < heights.min() < 12 / 1.4
    assert 12 * 1.4 < heights.max() < 12 * 1.55


def test_the_elastic_field_has_its_standard_deviation_everywhere():
    ramp = np.tile(np.arange(60, dtype=np.float32), (40, 1))
    deformed = deform(np.tile(ramp.ravel(), (800, 1)), (40, 60), elastic=1.5)
    moves = deformed.reshape(-1, 40, 60) - ramp
    inside = moves[:, :, 8:-8].std(axis=0)
    assert inside.min() > 1.5 * 0.85
    assert inside.max() < 1.5 * 1.15
    # Neighbours move together; points far from each other do not.
    near = np.corrcoef(moves[:, 20, 30], moves[:, 20, 31])[0, 1]
    far = np.corrcoef(moves[:, 20, 12], moves[:, 20, 45])[0, 1]
    assert near > 0.95
    assert abs(far) < 0.15


def test_the_two_axes_of_an_elastic_field_have_random_points_of_their_own():
    """The first 528 points of one axis were once the last ones of the other."""
    side, ramps = 64, np.indices((64, 64)).astype(np.float32).reshape(2, 1, -1)
    assert smoothing_basis(side, 1.0).shape == (side, 68)
    down, across = (
        (deform(x, (side, side), elastic=0.25, elastic_sigma=1.0) - x).reshape(64, 64)
        for x in ramps
    )
    # Point 4,096 lies in row 60 and column 16.
    parts = down[61:63, 16:].ravel(), across[1:3, :-16].ravel()
    assert abs(np.corrcoef(*parts)[0, 1]) < 0.6


def test_the_smoothing_basis_preserves_the_variance():
    basis = smoothing_basis(28, 4.0)
    np.testing.assert_allclose((basis**2).sum(axis=1), 1, rtol=1e-5)


def test_strokes_are_dilated_and_eroded(images):
    ink = deform(images, stroke=1.0).sum(axis=1) / images.sum(axis=1)
    assert ink.min() < 0.6
    assert ink.max() > 1.3


def test_a_background_mixes_each_image_with_clouds_of_any_brightness():
    blank, full = np.zeros((500, 784), np.uint8), np.full((500, 784), 255, np.uint8)
    dark, light = (deform(x, background=0.6) for x in (blank, full))
    assert 0.5 * 255 < dark.max() <= 0.6 * 255 + 1
    # Where nothing is left of a black image, nothing is left of a white one's black.
    share = 1 - (light.astype(float) - dark).mean(axis=1) / 255
    assert np.mean(share < 0.005) == pytest.approx(0.5, abs=0.07)
    assert 0.57 < share.max() < 0.61
    assert share.mean() == pytest.approx(0.6 / 4, rel=0.15)
    is_strong = share > 0.3
    levels = dark[is_strong].mean(axis=1) / 255 / share[is_strong]
    assert levels.min() < 0.1
    assert levels.max() > 0.9
    # Some backgrounds are even, others clouded, and neighbours are alike.
    clouds = dark.reshape(-1, 28, 28)[is_strong].astype(float)
    unrest = clouds.std(axis=(1, 2))
    assert unrest.min() < 3
    assert unrest.max() > 20
    steps = np.abs(np.diff(clouds, axis=2)).mean()
    assert steps < unrest.mean() / 2


def test_noise_gives_a_share_of_the_pixels_any_brightness(images):
    noisy = deform(images, noise=0.4)
    changed = noisy != images
    share = changed.mean(axis=1)
    assert np.mean(share == 0) == pytest.approx(0.5, abs=0.05)
    assert 0.35 < share.max() < 0.44
    dots = noisy[changed]
    assert dots.mean() == pytest.approx(127, abs=3)
    assert dots.std() == pytest.approx(255 / np.sqrt(12), rel=0.05)
    # Each image has other dots.
    first, second = changed[share > 0.3][:2]
    assert (first & second).sum() < 0.6 * first.sum()


@pytest.mark.parametrize("full", [1.0, 16.0])
def test_light_keeps_to_the_scale_of_the_pixels(full):
    blank = np.zeros((200, 784), np.float32)
    for limits in ({"background": 1.0}, {"noise": 1.0}):
        lit = deform(blank, full=full, **limits)
        assert 0.95 * full < lit.max() <= full
        assert lit.min() >= 0


def test_bytes_on_a_larger_scale_do_not_overflow():
    white = np.full((50, 784), 250, np.uint8)
    np.testing.assert_array_equal(
        deform(white, full=1000.0, background=1.0), deform(white, background=1.0)
    )


def test_only_a_share_of_the_images_is_deformed(images):
    deformed = deform(images, rotation=10, share=0.75)
    changed = (deformed != images).any(axis=1)
    assert changed.mean() == pytest.approx(0.75, abs=0.03)
    # Those that change do so as with a share of 1.
    np.testing.assert_array_equal(
        deformed[changed], deform(images, rotation=10)[changed]
    )


def test_beyond_an_edge_the_nearest_pixel_is_repeated():
    white = np.full((20, 64), 200, np.uint8)
    np.testing.assert_array_equal(
        deform(white, (8, 8), rotation=45.0, shift=5.0, elastic=3.0), white
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.uint16, bool])
def test_pixels_of_every_dtype_can_be_augmented(dtype, tiny):
    X, y = tiny
    classifier = MNISTClassifier(4, epochs=1, augmentation="affine", random_state=0)
    classifier.fit(X.astype(dtype), y)
    assert np.isfinite(classifier.history_["loss"]).all()


def test_another_seed_or_position_gives_another_deformation(images):
    limits = AUGMENTATIONS["elastic"]._replace(share=1.0)._asdict()
    deformed = deform(images, **limits)
    np.testing.assert_array_equal(deform(images, **limits), deformed)
    assert (deform(images, seed=SEED + 1, **limits) != deformed).any(axis=1).all()
    assert (deform(images, first=1, **limits) != deformed).any(axis=1).all()


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("n_cores", [1, 3])
def test_deformations_do_not_depend_on_blocks_and_threads(
    n_cores, ahead, images, monkeypatch
):
    monkeypatch.setattr(threads, "count_cores", lambda: n_cores)
    augmenter = Augmenter(images, AUGMENTATIONS["robust"], (28, 28), 255)
    order = np.random.default_rng(0).permutation(5000) % len(images)
    whole = augmenter.deform(order, 0, SEED)
    rows, parts = zip(*augmenter.blocks(order, SEED, 96, ahead), strict=True)
    assert len(parts) == 2
    assert len(parts[0]) % 96 == 0
    np.testing.assert_array_equal(np.concatenate(rows), order)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("shape", [(3, 10), (10, 3)])
def test_images_need_not_be_square(shape):
    X = np.random.default_rng(0).integers(0, 256, (30, *shape)).astype(np.uint8)
    classifier = MNISTClassifier(4, epochs=1, augmentation="elastic", random_state=0)
    classifier.fit(X, np.arange(30) % 3)
    assert classifier.image_shape_ == shape


@pytest.mark.parametrize("params", [{"augmentation": "affine"}, {"network": "conv"}])
def test_rows_that_are_not_square_images_are_refused(params):
    X = np.random.default_rng(0).integers(0, 256, (30, 10)).astype(np.uint8)
    with pytest.raises(
        ValueError, match=r"must get images, .* got rows of 10 features"
    ):
        MNISTClassifier(**params).fit(X, np.arange(30) % 3)


def test_augmentation_helps_on_few_images(images):
    y = load_digits28().target
    train, test = slice(0, 300), slice(300, None)
    params = {"learning_rate": 0.002, "random_state": 0}
    scores = [
        MNISTClassifier(epochs=40, augmentation=augmentation, **params)
        .fit(images[train], y[train])
        .score(images[test], y[test])
        for augmentation in (None, "elastic")
    ]
    assert scores[1] > scores[0] + 0.01


def test_augmentation_can_be_searched_in_a_grid(digits):
    from sklearn.model_selection import GridSearchCV

    X, _, y, _ = digits
    grid = {
        "augmentation": [None, "affine", {"shift": 0.5}],
        "learning_rate_schedule": ["constant", "onecycle"],
        "label_smoothing": [0.0, 0.1],
        "network": ["dense", "conv"],
    }
    classifier = MNISTClassifier(
        8, filters=(4,), epochs=2, learning_rate=0.02, batch_size=8, random_state=0
    )
    search = GridSearchCV(classifier, grid, cv=2).fit(X[:200], y[:200])
    scores = search.cv_results_["mean_test_score"]
    assert len(np.unique(scores)) > 6
    assert np.isfinite(scores).all()
