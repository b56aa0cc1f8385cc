"""RECIPES: sets of constructor parameters, by name."""

_AUGMENTED = {"augmentation": "elastic", "learning_rate_schedule": "onecycle"}
_CONV = _AUGMENTED | {
    "network": "conv",
    "hidden_layer_sizes": (256,),
    "batch_norm": True,
    "dropout": 0.4,
    "batch_size": 128,
    "epochs": 40,
    "learning_rate": 0.004,
}

# Chosen by the accuracy on the last 10,000 of MNIST's training images.
# benchmarks/recipes.py measures the training time and the test accuracy of each.
RECIPES = {
    "notebook": {},
    "fast": {
        "epochs": 8,
        "learning_rate": 0.002,
        "learning_rate_schedule": "cosine",
    },
    "balanced": _AUGMENTED
    | {
        "hidden_layer_sizes": (512, 128),
        "batch_size": 128,
        "epochs": 13,
        "learning_rate": 0.004,
    },
    "dense": _AUGMENTED
    | {
        "hidden_layer_sizes": (1024, 512, 256),
        "batch_size": 128,
        "epochs": 90,
    },
    "quick": _CONV
    | {
        "augmentation": "affine",
        "dropout": 0.2,
        "epochs": 6,
        "learning_rate": 0.006,
    },
    "conv": _CONV,
    "ensemble": _CONV | {"n_estimators": 5},
    "robust": _CONV | {"augmentation": "robust"},
}
