import pytest

import skmnist


def test_all_is_sorted_and_equals_dir():
    assert sorted(skmnist.__all__) == list(skmnist.__all__)
    assert set(dir(skmnist)) == {*skmnist.__all__, "__version__"}


@pytest.mark.parametrize("name", skmnist.__all__)
def test_every_public_name_can_be_imported(name):
    value = getattr(skmnist, name)
    if name != "RECIPES":  # a dict has no name
        assert value.__name__ == name
    assert value.__doc__
    namespace = {}
    exec(f"from skmnist import {name}", namespace)
    assert namespace[name] is value


def test_an_unknown_name_raises_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'KerasClassifier'"):
        _ = skmnist.KerasClassifier


def test_star_import_imports_all_public_names():
    namespace = {}
    exec("from skmnist import *", namespace)
    assert set(skmnist.__all__) <= set(namespace)
