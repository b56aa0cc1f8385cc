import pytest

from skmnist import RECIPES, MNISTClassifier, load_digits28
from skmnist._network.architecture import Architecture
from skmnist._training.dense_engine import DenseEngine


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_trains_for_one_epoch(name):
    X, y = load_digits28(return_X_y=True)
    params = RECIPES[name] | {"epochs": 1, "random_state": 0}
    classifier = MNISTClassifier(**params).fit(X[:300], y[:300])
    assert classifier.get_params()["network"] == params.get("network", "dense")
    assert classifier.n_iter_ == 1
    assert classifier.n_estimators_ == params.get("n_estimators", 1)


def test_the_notebook_recipe_is_the_defaults():
    assert MNISTClassifier(**RECIPES["notebook"]).get_params() == (
        MNISTClassifier().get_params()
    )


def test_dense_recipes_have_dense_layers_only():
    for name in ("notebook", "fast", "balanced", "dense"):
        classifier = MNISTClassifier(**RECIPES[name])
        assert classifier.network == "dense"
        assert not classifier.batch_norm


def test_dense_recipes_train_without_tensorflow():
    """The kernel trains them all on all of MNIST."""
    for name in ("notebook", "fast", "balanced", "dense"):
        params = MNISTClassifier(**RECIPES[name]).get_params()
        widths = params["hidden_layer_sizes"], params["activation"]
        architecture = Architecture(784, 10, *widths, 0.0, False, 0.0, "adam")
        assert DenseEngine.supports(architecture, params["batch_size"])
