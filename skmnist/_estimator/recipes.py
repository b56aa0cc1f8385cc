"""RECIPES: constructor parameters that were measured, by name."""

_BENT = {"augmentation": "elastic", "learning_rate_schedule": "onecycle"}

# Chosen on the last 10,000 training images. What each costs and reaches is measured by
# benchmarks/recipes.py.
RECIPES = {
    "notebook": {},
    "fast": {
        "epochs": 8,
        "learning_rate": 0.002,
        "learning_rate_schedule": "cosine",
    },
    "balanced": {
        "hidden_layer_sizes": (256,),
        "batch_size": 64,
        "epochs": 18,
        "learning_rate": 0.004,
        "learning_rate_schedule": "onecycle",
        "augmentation": "affine",
    },
    "dense": _BENT
    | {
        "hidden_layer_sizes": (1024, 512, 256),
        "batch_size": 128,
        "epochs": 90,
    },
    "conv": _BENT
    | {
        "network": "conv",
        "hidden_layer_sizes": (256,),
        "batch_norm": True,
        "dropout": 0.4,
        "batch_size": 128,
        "epochs": 40,
        "learning_rate": 0.004,
    },
}
