import numpy as np
import pytest

from skmnist import MNISTClassifier
from skmnist._training.schedule import learning_rate_multipliers


def test_a_constant_rate_needs_no_multipliers():
    assert learning_rate_multipliers("constant", 10) is None


def test_cosine_falls_from_one_to_nearly_zero():
    multipliers = learning_rate_multipliers("cosine", 1000)
    assert multipliers[0] == 1
    assert multipliers[500] == pytest.approx(0.5)
    assert 0 < multipliers[-1] < 1e-4
    assert (np.diff(multipliers) < 0).all()


def test_one_cycle_rises_for_30_percent_and_falls_to_nearly_zero():
    multipliers = learning_rate_multipliers("onecycle", 1000)
    assert multipliers[0] == pytest.approx(1 / 25)
    assert multipliers.argmax() == 300
    assert multipliers.max() == 1
    assert 0 < multipliers[-1] < 1e-4
    assert (np.diff(multipliers[:300]) > 0).all()
    assert (np.diff(multipliers[301:]) < 0).all()


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_a_schedule_may_have_a_single_step(schedule):
    (multiplier,) = learning_rate_multipliers(schedule, 1)
    assert 0 < multiplier <= 1


def test_the_last_epochs_of_a_cosine_hardly_move_the_weights(digits):
    X, _, y, _ = digits
    moves = {}
    for schedule in ("constant", "cosine"):
        params = {"learning_rate_schedule": schedule, "random_state": 0}
        before = MNISTClassifier(16, epochs=10, **params).fit(X, y)
        loss = before.history_["loss"]
        moves[schedule] = loss[-2] - loss[-1]
    assert 0 <= moves["cosine"] < moves["constant"] / 5


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_partial_fit_accepts_no_schedule(schedule, tiny):
    classifier = MNISTClassifier(learning_rate_schedule=schedule)
    with pytest.raises(ValueError, match="`learning_rate_schedule` must be 'constant'"):
        classifier.partial_fit(*tiny, classes=[0, 1, 2])
