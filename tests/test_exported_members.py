import skmnist


def test_all_is_sorted_and_complete():
    assert sorted(skmnist.__all__) == list(skmnist.__all__)
    public = {
        name
        for name, value in vars(skmnist).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") != "builtins"
        and type(value).__name__ != "module"
    }
    assert public == set(skmnist.__all__)
