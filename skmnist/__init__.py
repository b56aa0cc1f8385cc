"""Handwritten digit recognition as a scikit-learn estimator."""

from importlib import import_module

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022, because it would sort constants first
    "DigitGridDisplay",
    "DigitNormalizer",
    "MNISTClassifier",
    "NumberReader",
    "PixelRangeWarning",
    "PixelScaler",
    "RECIPES",
    "RiskCoverageDisplay",
    "TrainingHistoryDisplay",
    "WeightsDisplay",
    "expected_calibration_error",
    "fetch_mnist",
    "load_digits28",
    "load_pretrained",
    "load_sample_pages",
    "show_versions",
]

# Imported on first use: importing scikit-learn takes a second or two, and
# `skmnist --help` should not.
_HOMES = {
    "DigitGridDisplay": "_displays.digit_grid",
    "DigitNormalizer": "_reading.normalizer",
    "MNISTClassifier": "_estimator.classifier",
    "NumberReader": "_reading.reader",
    "PixelRangeWarning": "_estimator.pixel_range",
    "PixelScaler": "_estimator.scaler",
    "RECIPES": "_estimator.recipes",
    "RiskCoverageDisplay": "_displays.risk_coverage",
    "TrainingHistoryDisplay": "_displays.training_history",
    "WeightsDisplay": "_displays.weights",
    "expected_calibration_error": "_displays.calibration_error",
    "fetch_mnist": "_data.mnist",
    "load_digits28": "_data.digits28",
    "load_pretrained": "_estimator.pretrained",
    "load_sample_pages": "_data.sample_pages",
    "show_versions": "_show_versions",
}


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module 'skmnist' has no attribute {name!r}")
    return getattr(import_module(f"skmnist.{_HOMES[name]}"), name)


def __dir__():
    return [*__all__, "__version__"]
