import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmnist import DigitGridDisplay, MNISTClassifier

pytestmark = pytest.mark.usefixtures("pyplot")

# Six images of 4 x 4 pixels. 4 and 9 are confused, the second 4 most confidently.
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 4)).astype(np.uint8)
Y_TRUE = np.array([4, 4, 9, 7, 4, 0])
Y_PRED = np.array([9, 9, 4, 7, 4, 4])
CONFIDENCE = np.array([0.6, 0.98, 0.7, 0.9996, 1.0, 0.8])


def from_predictions(**kwargs):
    kwargs = {"confidence": CONFIDENCE} | kwargs
    return DigitGridDisplay.from_predictions(IMAGES, Y_TRUE, Y_PRED, **kwargs)


def captions(display):
    return [" ".join(text.get_text().split()) for text in display.text_]


def test_a_grid_of_five_by_five_is_the_default(digits):
    X, _, y, _ = digits
    display = DigitGridDisplay.from_images(X, y)
    assert len(display.axes_) == len(display.im_) == 25
    columns = {round(ax.get_position().x0, 3) for ax in display.axes_}
    assert len(columns) == 5
    assert captions(display) == [str(label) for label in y[:25]]
    np.testing.assert_array_equal(display.indices_, np.arange(25))


@pytest.mark.parametrize(
    "images",
    [
        pytest.param(IMAGES, id="images"),
        pytest.param(IMAGES[..., None], id="one channel"),
        pytest.param(IMAGES.reshape(6, 16), id="rows"),
        pytest.param(IMAGES.tolist(), id="list"),
        pytest.param(list(IMAGES), id="list of images"),
        pytest.param(csr_array(IMAGES.reshape(6, 16)), id="sparse"),
        pytest.param(pd.DataFrame(IMAGES.reshape(6, 16)), id="pandas"),
        pytest.param(pl.DataFrame(IMAGES.reshape(6, 16)), id="polars"),
        pytest.param(IMAGES / 255, id="floats"),
    ],
)
def test_images_of_any_accepted_shape_are_drawn(images):
    display = DigitGridDisplay.from_images(images)
    drawn = np.stack([image.get_array() for image in display.im_]).astype(float)
    np.testing.assert_allclose(drawn / drawn.max(), IMAGES / IMAGES.max())


def test_images_that_are_not_square_are_drawn():
    display = DigitGridDisplay.from_images(np.zeros((2, 3, 5)))
    assert display.im_[0].get_array().shape == (3, 5)


def test_black_and_white_images_are_drawn():
    display = DigitGridDisplay.from_images(IMAGES > 100)
    display.figure_.canvas.draw()
    assert len(display.im_) == 6


def test_without_labels_there_are_no_captions():
    assert captions(DigitGridDisplay.from_images(IMAGES)) == [""] * 6


def test_all_images_share_one_grey_scale():
    limits = {image.get_clim() for image in from_predictions().im_}
    assert limits == {(IMAGES.min(), IMAGES.max())}


@pytest.mark.parametrize(
    ("n_images", "expected"), [(3, (1, 5)), (5, (1, 5)), (6, (2, 5))]
)
def test_fewer_images_than_cells_leave_no_empty_rows(n_images, expected):
    display = DigitGridDisplay.from_images(IMAGES[:n_images])
    assert len(display.im_) == n_images
    assert len(display.axes_) == expected[0] * expected[1]
    assert not any(spine.get_visible() for spine in display.axes_[-1].spines.values())


@pytest.mark.parametrize(("n_rows", "n_cols"), [(1, 1), (2, 3), (1, 4)])
def test_n_rows_and_n_cols_set_the_size_of_the_grid(n_rows, n_cols):
    display = DigitGridDisplay.from_images(IMAGES, n_rows=n_rows, n_cols=n_cols)
    assert len(display.axes_) == len(display.im_) == n_rows * n_cols


def test_captions_show_labels_and_confidence():
    assert captions(from_predictions()) == [
        "4 read as 9 (60 %)",
        "4 read as 9 (98 %)",
        "9 read as 4 (70 %)",
        "7 (99.96 %)",
        "4 (100 %)",
        "0 read as 4 (80 %)",
    ]


def test_captions_without_confidence_have_no_numbers():
    display = from_predictions(confidence=None)
    assert captions(display)[2:4] == ["9 read as 4", "7"]


def test_confidence_may_hold_the_probabilities_of_all_labels():
    y_proba = np.stack([CONFIDENCE, 1 - CONFIDENCE], axis=1)
    assert captions(from_predictions(confidence=y_proba)) == captions(
        from_predictions()
    )


def test_wrong_predictions_have_a_frame_and_a_colour():
    display = from_predictions()
    wrong = Y_TRUE != Y_PRED
    framed = [ax.spines["left"].get_visible() for ax in display.axes_[:6]]
    np.testing.assert_array_equal(framed, wrong)
    colours = {text.get_color() for text in np.array(display.text_)[wrong]}
    assert colours.isdisjoint(
        text.get_color() for text in np.array(display.text_)[~wrong]
    )


def test_mistakes_are_sorted_by_decreasing_confidence():
    display = from_predictions(select="wrong")
    assert display.indices_.tolist() == [1, 5, 2, 0]
    assert display.figure_.get_suptitle() == "4 of 6 misclassified"


def test_mistakes_without_confidence_keep_their_order():
    display = from_predictions(select="wrong", confidence=None, n_rows=1, n_cols=3)
    assert display.indices_.tolist() == [0, 1, 2]


def test_a_grid_without_mistakes_says_so():
    display = DigitGridDisplay.from_predictions(IMAGES, Y_TRUE, Y_TRUE, select="wrong")
    assert len(display.indices_) == len(display.im_) == 0
    (ax,) = display.axes_
    assert [text.get_text() for text in ax.texts] == ["None of 6 misclassified"]


@pytest.mark.parametrize(
    ("pair", "expected", "heading"),
    [
        ((4, 9), [1, 0], "4 predicted as 9: 2 times"),
        ((9, 4), [2], "9 predicted as 4: once"),
    ],
)
def test_a_pair_shows_one_kind_of_mistake(pair, expected, heading):
    display = from_predictions(select=pair)
    assert display.indices_.tolist() == expected
    assert display.figure_.get_suptitle() == heading


def test_a_grid_of_a_pair_that_never_occurs_says_so():
    (ax,) = from_predictions(select=(7, 9)).axes_
    assert ax.texts[0].get_text() == "7 predicted as 9: never"


def test_most_confused_counts_the_pairs():
    display = from_predictions()
    assert display.most_confused() == [(4, 9, 2), (0, 4, 1), (9, 4, 1)]
    assert display.most_confused(1) == [(4, 9, 2)]


def test_most_confused_pairs_can_be_shown():
    display = from_predictions()
    true, predicted, count = display.most_confused()[0]
    assert len(display.plot(select=(true, predicted)).indices_) == count


def test_random_state_determines_the_random_images(digits):
    X, _, y, _ = digits
    one, same, other = (
        DigitGridDisplay.from_images(X, y, select="random", random_state=seed)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one.indices_, same.indices_)
    assert one.indices_.tolist() != other.indices_.tolist()
    assert len({*one.indices_.tolist()}) == 25
    assert captions(one) == [str(label) for label in y[one.indices_]]


@pytest.mark.parametrize("dtype", [str, object, "category"])
def test_labels_may_be_strings(dtype):
    y_true, y_pred = (pd.Series(y.astype(str)) for y in (Y_TRUE, Y_PRED))
    display = DigitGridDisplay.from_predictions(
        IMAGES, y_true.astype(dtype), y_pred.to_numpy(), select=("4", "9")
    )
    assert captions(display) == ["4 read as 9"] * 2
    assert display.most_confused(1) == [("4", "9", 2)]


def test_long_labels_are_wrapped():
    names = np.array([f"the number {label}" for label in range(10)])
    display = DigitGridDisplay.from_predictions(
        IMAGES, names[Y_TRUE], names[Y_PRED], confidence=CONFIDENCE
    )
    lines = [line for text in display.text_ for line in text.get_text().split("\n")]
    assert max(map(len, lines)) <= 16
    assert len(lines) > len(display.text_)


def test_from_estimator_shows_the_predictions_of_the_classifier(fitted, digits):
    _, X, _, y = digits
    display = DigitGridDisplay.from_estimator(fitted, X, y, select="wrong", n_rows=20)
    wrong = np.flatnonzero(fitted.predict(X) != y)
    assert sorted(display.indices_) == wrong.tolist()
    np.testing.assert_allclose(display.confidence, fitted.predict_proba(X).max(axis=1))
    shown = display.confidence[display.indices_]
    assert (np.diff(shown) <= 0).all()


def test_from_estimator_accepts_images(fitted, digits):
    _, X, _, y = digits
    images = X.reshape(-1, 8, 8)
    display = DigitGridDisplay.from_estimator(fitted, images, y)
    np.testing.assert_array_equal(display.im_[3].get_array(), images[3])


def test_from_estimator_accepts_pipelines_without_probabilities(digits):
    X_train, X, y_train, y = digits
    ridge = make_pipeline(MinMaxScaler(), RidgeClassifier())
    display = DigitGridDisplay.from_estimator(
        ridge.fit(X_train, y_train), X, y, select="wrong"
    )
    assert display.confidence is None
    assert all(" read as " in caption for caption in captions(display))


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(2, 2)
    display = from_predictions(axes=axes, select="wrong")
    assert display.figure_ is figure
    assert [*display.axes_] == [*axes.flat]
    assert len(display.im_) == 4
    assert figure.get_suptitle() == ""
    assert plt.get_fignums() == [figure.number]


def test_user_styles_override_defaults_under_any_alias():
    display = from_predictions(
        image_kw={"cmap": "viridis"}, text_kw={"size": 7, "c": "blue"}
    )
    assert display.im_[0].get_cmap().name == "viridis"
    assert {text.get_fontsize() for text in display.text_} == {7}
    assert {text.get_color() for text in display.text_} == {"blue"}


def test_plot_returns_the_display():
    display = DigitGridDisplay(IMAGES)
    assert display.plot() is display


def test_rows_of_images_that_are_not_square_are_refused(fitted):
    rows = np.zeros((3, 63))
    with pytest.raises(ValueError, match=r"`images` must hold images, .* rows of 63 "):
        DigitGridDisplay.from_images(rows)
    with pytest.raises(ValueError, match=r"`X` must hold images, .* rows of 63 "):
        DigitGridDisplay.from_estimator(fitted, rows, [0, 1, 2])


@pytest.mark.parametrize("shape", [(5,), (2, 4, 4, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"`images` must have the shape"):
        DigitGridDisplay.from_images(np.zeros(shape))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"select": "last"}, r"`select` must be 'first', .* got 'last'"),
        ({"select": (4,)}, r"`select` must be 'first', .* got \(4,\)"),
        (
            {"select": ("4", "9")},
            r"`select` must name two of the labels \[0, 4, 7, 9\]",
        ),
        ({"n_rows": 0}, r"`n_rows` must be at least 1, got 0"),
        ({"confidence": CONFIDENCE * 2}, r"`confidence` must hold probabilities"),
        ({"confidence": [0.5]}, r"`confidence` must hold a number for each of the 6"),
    ],
)
def test_invalid_arguments_are_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        from_predictions(**kwargs)


def test_confidence_may_exceed_one_by_rounding():
    confidence = np.full(6, np.nextafter(np.float32(1), np.float32(2)))
    display = from_predictions(confidence=confidence)
    assert captions(display)[3:5] == ["7 (100 %)", "4 (100 %)"]


@pytest.mark.parametrize("n_cols", [2.0, "2", True])
def test_the_size_of_the_grid_must_be_an_int(n_cols):
    with pytest.raises(TypeError, match=r"`n_cols` must be an int"):
        from_predictions(n_cols=n_cols)


@pytest.mark.parametrize("select", ["wrong", (4, 9)])
def test_mistakes_need_predictions(select):
    with pytest.raises(ValueError, match=r"`select` must be 'first' or 'random'"):
        DigitGridDisplay.from_images(IMAGES, Y_TRUE, select=select)
    with pytest.raises(ValueError, match=r"`y_pred` must be given"):
        DigitGridDisplay(IMAGES, y_true=Y_TRUE).most_confused()


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"`y` must hold a label for each of the 6"):
        DigitGridDisplay.from_images(IMAGES, Y_TRUE[:5])
    with pytest.raises(ValueError, match=r"`y_pred` must hold a label for each of"):
        DigitGridDisplay.from_predictions(IMAGES, Y_TRUE, Y_PRED[:5])


def test_numbers_are_not_compared_with_strings():
    with pytest.raises(ValueError, match="Mix of label input types"):
        DigitGridDisplay.from_predictions(IMAGES, Y_TRUE, Y_PRED.astype(str))


def test_an_unfitted_classifier_is_refused(tiny):
    with pytest.raises(NotFittedError):
        DigitGridDisplay.from_estimator(MNISTClassifier(), *tiny)
