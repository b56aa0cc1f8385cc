import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from skmnist import MNISTClassifier, WeightsDisplay

pytestmark = pytest.mark.usefixtures("pyplot")


def captions(display):
    return [text.get_text() for text in display.text_]


def test_units_are_sorted_by_decreasing_norm(fitted):
    display = WeightsDisplay.from_estimator(fitted)
    kernel = fitted.coefs_[0]
    norms = np.linalg.norm(kernel, axis=0)
    assert len(display.im_) == 25
    assert display.units_.tolist() == np.argsort(-norms)[:25].tolist()
    for unit, image in zip(display.units_, display.im_, strict=True):
        np.testing.assert_array_equal(image.get_array(), kernel[:, unit].reshape(8, 8))
    assert captions(display) == [str(unit) for unit in display.units_]


def test_all_images_share_one_colour_scale_with_zero_in_the_middle(fitted):
    display = WeightsDisplay.from_estimator(fitted)
    largest = max(abs(image.get_array()).max() for image in display.im_)
    limits = {image.get_clim() for image in display.im_}
    assert limits == {(-largest, largest)}
    assert display.colorbar_.mappable in display.im_


def test_n_rows_and_n_cols_set_the_size_of_the_grid(fitted):
    display = WeightsDisplay.from_estimator(fitted, n_rows=2, n_cols=3)
    assert len(display.axes_) == len(display.im_) == 6


def test_fewer_units_than_cells_leave_no_empty_rows(tiny):
    classifier = MNISTClassifier(7, epochs=1, random_state=0).fit(*tiny)
    display = WeightsDisplay.from_estimator(classifier)
    assert (len(display.im_), len(display.axes_)) == (7, 10)


def test_without_hidden_layers_units_are_the_classes(tiny):
    X, y = tiny
    classifier = MNISTClassifier((), epochs=1, random_state=0)
    classifier.fit(X, np.array(["one", "two", "three"])[y])
    display = WeightsDisplay.from_estimator(classifier)
    assert captions(display) == classifier.classes_[display.units_].tolist()


def test_images_that_are_not_square_have_their_shape_from_fit(tiny):
    X, y = tiny
    classifier = MNISTClassifier(3, epochs=1).fit(X[:, :6].reshape(-1, 2, 3), y)
    display = WeightsDisplay.from_estimator(classifier)
    assert display.im_[0].get_array().shape == (2, 3)


def test_a_loaded_classifier_can_be_drawn(fitted, tmp_path):
    fitted.save(tmp_path / "classifier.onnx")
    display = WeightsDisplay.from_estimator(
        MNISTClassifier.load(tmp_path / "classifier.onnx")
    )
    assert len(display.im_) == 25


def test_mlp_classifiers_can_be_drawn(tiny):
    X, y = tiny
    mlp = MLPClassifier((4,), solver="lbfgs", max_iter=1000, alpha=1).fit(X / 255, y)
    assert len(WeightsDisplay.from_estimator(mlp).im_) == 4


def test_given_axes_are_drawn_on(fitted):
    figure, axes = plt.subplots(2, 2)
    display = WeightsDisplay.from_estimator(fitted, axes=axes, colorbar=False)
    assert display.figure_ is figure
    assert [*display.axes_] == [*axes.flat]
    assert figure.axes == [*axes.flat]
    assert display.colorbar_ is None


def test_user_styles_override_defaults(fitted):
    display = WeightsDisplay.from_estimator(
        fitted, image_kw={"cmap": "PuOr", "vmax": 1}, text_kw={"size": 7}
    )
    assert display.im_[0].get_cmap().name == "PuOr"
    assert display.im_[0].get_clim()[1] == 1
    assert display.text_[0].get_fontsize() == 7


def test_plot_returns_the_display():
    display = WeightsDisplay(np.eye(3)[None], labels=["diagonal"])
    assert display.plot() is display
    assert captions(display) == ["diagonal"]


def test_rows_of_images_that_are_not_square_are_refused(tiny):
    X, y = tiny
    classifier = MNISTClassifier(3, epochs=1).fit(X[:, :6], y)
    with pytest.raises(
        ValueError, match=r"`estimator` must be fitted on .* got rows of 6 "
    ):
        WeightsDisplay.from_estimator(classifier)


def test_networks_that_are_not_dense_are_refused(tiny):
    X, y = tiny

    def network(meta):
        import keras

        layer = keras.layers.Dense(meta["n_classes_"], activation="softmax")
        return keras.Sequential([keras.Input((meta["n_features_in_"],)), layer])

    classifier = MNISTClassifier(network=network, epochs=1).fit(X, y)
    with pytest.raises(ValueError, match=r"`estimator` must be a single dense network"):
        WeightsDisplay.from_estimator(classifier)


def test_estimators_without_a_network_are_refused(tiny):
    X, y = tiny
    with pytest.raises(ValueError, match=r"`estimator` must be .* LogisticRegression"):
        WeightsDisplay.from_estimator(LogisticRegression().fit(X / 255, y))


def test_an_unfitted_classifier_is_refused():
    with pytest.raises(NotFittedError):
        WeightsDisplay.from_estimator(MNISTClassifier())


def test_an_empty_grid_is_refused(fitted):
    with pytest.raises(ValueError, match=r"`n_cols` must be at least 1, got 0"):
        WeightsDisplay.from_estimator(fitted, n_cols=0)
