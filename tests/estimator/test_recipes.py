import pytest

from skmnist import RECIPES, MNISTClassifier, load_digits28


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains_for_one_epoch(name):
    X, y = load_digits28(return_X_y=True)
    params = RECIPES[name] | {"epochs": 1, "random_state": 0}
    classifier = MNISTClassifier(**params).fit(X[:300], y[:300])
    assert classifier.get_params()["network"] == params.get("network", "dense")
    assert classifier.n_iter_ == 1


def test_the_notebook_recipe_is_the_defaults():
    assert MNISTClassifier(**RECIPES["notebook"]).get_params() == (
        MNISTClassifier().get_params()
    )


def test_dense_recipes_have_dense_layers_only():
    for name in ("notebook", "fast", "balanced", "dense"):
        classifier = MNISTClassifier(**RECIPES[name])
        assert classifier.network == "dense"
        assert not classifier.batch_norm
