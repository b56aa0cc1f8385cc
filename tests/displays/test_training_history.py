import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skmnist import MNISTClassifier, TrainingHistoryDisplay

pytestmark = pytest.mark.usefixtures("pyplot")

TRAINING = {"loss": [0.9, 0.5, 0.4], "accuracy": [0.7, 0.8, 0.9]}
VALIDATION = {"val_loss": [0.8, 0.6, 0.7], "val_accuracy": [0.6, 0.9, 0.8]}
BOTH = TRAINING | VALIDATION
ONE_EPOCH = {name: values[:1] for name, values in BOTH.items()}


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(TRAINING, id="training only"),
        pytest.param(BOTH, id="with validation"),
        pytest.param(ONE_EPOCH, id="one epoch"),
    ],
)
def test_each_entry_of_the_history_is_a_curve(history):
    display = TrainingHistoryDisplay(history=history).plot()
    assert display.lines_.keys() == history.keys()
    drawn = {name: [*line.get_ydata()] for name, line in display.lines_.items()}
    assert drawn == history


def test_loss_is_left_and_accuracy_right():
    display = TrainingHistoryDisplay(history=BOTH).plot()
    left, right = display.axes_
    assert {display.lines_["loss"], display.lines_["val_loss"]} == {*left.lines}
    assert {display.lines_["accuracy"], display.lines_["val_accuracy"]} == {
        *right.lines
    }
    assert (left.get_ylabel(), right.get_ylabel()) == ("Loss", "Accuracy")
    assert left.get_position().x1 <= right.get_position().x0


def test_epochs_count_from_one():
    display = TrainingHistoryDisplay(history=TRAINING).plot()
    np.testing.assert_array_equal(display.lines_["loss"].get_xdata(), [1, 2, 3])
    assert [ax.get_xlabel() for ax in display.axes_] == ["Epoch", "Epoch"]


@pytest.mark.parametrize("n_epochs", [1, 2, 7, 50])
def test_ticks_are_whole_epochs(n_epochs):
    history = {name: [0.5] * n_epochs for name in TRAINING}
    display = TrainingHistoryDisplay(history=history).plot()
    low, high = display.axes_[0].get_xlim()
    ticks = [t for t in display.axes_[0].get_xticks() if low <= t <= high]
    assert ticks == [round(tick) for tick in ticks]
    assert ticks


def test_a_single_epoch_is_visible():
    display = TrainingHistoryDisplay(history=ONE_EPOCH).plot()
    assert display.lines_["loss"].get_marker() == "o"


@pytest.mark.parametrize("prefix", ["", "val_"])
def test_a_curve_has_the_same_look_in_both_axes(prefix):
    lines = TrainingHistoryDisplay(history=BOTH).plot().lines_
    one, other = lines[f"{prefix}loss"], lines[f"{prefix}accuracy"]
    assert one.get_color() == other.get_color()
    assert one.get_linestyle() == other.get_linestyle()


def test_training_and_validation_differ_in_more_than_colour():
    lines = TrainingHistoryDisplay(history=BOTH).plot().lines_
    assert lines["loss"].get_color() != lines["val_loss"].get_color()
    assert lines["loss"].get_linestyle() != lines["val_loss"].get_linestyle()


@pytest.mark.parametrize(
    ("history", "best_epoch", "expected"),
    [
        (BOTH, None, ["Training", "Validation"]),
        (BOTH, 2, ["Training", "Validation", "Best epoch: 2"]),
    ],
)
def test_the_legend_names_the_curves(history, best_epoch, expected):
    display = TrainingHistoryDisplay(history=history, best_epoch=best_epoch).plot()
    legend = display.axes_[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == expected


def test_a_single_curve_needs_no_legend():
    for ax in TrainingHistoryDisplay(history=TRAINING).plot().axes_:
        assert ax.get_legend() is None


@pytest.mark.parametrize(("n_epochs", "step"), [(3, 1), (8, 1), (50, 10), (400, 50)])
def test_ticks_are_at_round_numbers_of_epochs(n_epochs, step):
    history = {name: [0.5] * n_epochs for name in ("loss", "accuracy")}
    for ax in TrainingHistoryDisplay(history=history).plot().axes_:
        ticks = ax.get_xticks()
        assert {*np.diff(ticks)} == {step}
        assert not (ticks % step).any()


def test_the_best_epoch_is_marked_in_both_axes():
    display = TrainingHistoryDisplay(history=BOTH, best_epoch=2).plot()
    marks = display.best_epoch_lines_
    assert [mark.axes for mark in marks] == [*display.axes_]
    assert [[*mark.get_xdata()] for mark in marks] == [[2, 2], [2, 2]]


def test_no_epoch_is_marked_without_a_best_epoch():
    assert TrainingHistoryDisplay(history=BOTH).plot().best_epoch_lines_ is None


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(2)
    display = TrainingHistoryDisplay(history=BOTH).plot(axes)
    assert display.figure_ is figure
    assert [*display.axes_] == [*axes]
    assert plt.get_fignums() == [figure.number]


def test_user_styles_override_defaults_under_any_alias():
    display = TrainingHistoryDisplay(history=BOTH, best_epoch=2).plot(
        training_kw={"c": "black", "label": "Train"},
        validation_kw={"lw": 5},
        best_epoch_kw={"ls": "-"},
    )
    assert display.lines_["loss"].get_color() == "black"
    assert display.lines_["loss"].get_label() == "Train"
    assert display.lines_["val_accuracy"].get_linewidth() == 5
    assert display.best_epoch_lines_[0].get_linestyle() == "-"


def test_plot_returns_the_display():
    display = TrainingHistoryDisplay(history=TRAINING)
    assert display.plot() is display


@pytest.mark.parametrize(
    "history",
    [{}, {"loss": [], "accuracy": []}, {"loss": [0.5]}],
    ids=["empty", "no epoch", "no accuracy"],
)
def test_a_history_without_an_epoch_is_refused(history):
    with pytest.raises(ValueError, match=r"`history` must hold .* 'accuracy'"):
        TrainingHistoryDisplay(history=history).plot()


def test_any_other_number_of_axes_than_two_is_refused():
    _, axes = plt.subplots(1, 3)
    with pytest.raises(ValueError, match=r"`axes` must be two .* got 3\."):
        TrainingHistoryDisplay(history=TRAINING).plot(axes)


def test_from_estimator_draws_the_history_of_a_classifier(fitted):
    display = TrainingHistoryDisplay.from_estimator(fitted)
    drawn = {name: [*line.get_ydata()] for name, line in display.lines_.items()}
    assert drawn == fitted.history_
    assert display.best_epoch_lines_ is None


def test_from_estimator_marks_the_best_epoch(tiny):
    classifier = MNISTClassifier(epochs=3, early_stopping=True, random_state=0)
    display = TrainingHistoryDisplay.from_estimator(classifier.fit(*tiny))
    assert display.best_epoch_lines_[0].get_xdata()[0] == classifier.best_epoch_
    assert "val_loss" in display.lines_


def test_from_estimator_passes_axes_and_styles_on(fitted):
    _, axes = plt.subplots(1, 2)
    display = TrainingHistoryDisplay.from_estimator(
        fitted, axes=axes, training_kw={"color": "black"}
    )
    assert display.axes_[0] is axes[0]
    assert display.lines_["loss"].get_color() == "black"


def test_an_unfitted_classifier_is_refused():
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(MNISTClassifier())
