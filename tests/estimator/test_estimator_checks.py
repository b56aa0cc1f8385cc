"""scikit-learn's estimator checks on all estimators of the package."""

import unittest

import pytest
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from skmnist import DigitNormalizer, MNISTClassifier, PixelScaler

MINI_BATCHES = (
    "repeated rows fill more mini-batches than weighted ones, in another order, as in "
    "scikit-learn's own SGD and MLP estimators"
)

NO_SQUARES = "this check uses rows of 2 to 10 pixels, which are not square images"


class RowNormalizer(DigitNormalizer):
    """DigitNormalizer, with a tag that makes scikit-learn run its checks.

    For an estimator whose tags say that it accepts pictures but no tables, scikit-learn
    offers only the check that it can be cloned.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


EXPECTED_FAILURES = {
    MNISTClassifier: {
        "check_sample_weight_equivalence_on_dense_data": MINI_BATCHES,
        "check_sample_weight_equivalence_on_sparse_data": MINI_BATCHES,
    },
    PixelScaler: {},
    RowNormalizer: dict.fromkeys(
        [
            "check_array_api_input",
            "check_dict_unchanged",
            "check_estimators_dtypes",
            "check_estimators_pickle",
            "check_f_contiguous_array_estimator",
            "check_fit_idempotent",
            "check_fit_score_takes_y",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
            "check_pipeline_consistency",
            "check_transformer_general",
            "check_transformer_preserve_dtypes",
            "check_transformers_unfitted_stateless",
        ],
        NO_SQUARES,
    ),
}

EXPECTED_CHECKS = {
    MNISTClassifier: {
        "check_class_weight_classifiers",
        "check_classifiers_classes",
        "check_classifiers_one_label",
        "check_classifiers_one_label_sample_weights",
        "check_classifiers_regression_target",
        "check_classifiers_train",
        "check_decision_proba_consistency",
        "check_dict_unchanged",
        "check_estimator_sparse_array",
        "check_estimator_sparse_matrix",
        "check_estimators_dtypes",
        "check_estimators_nan_inf",
        "check_estimators_partial_fit_n_features",
        "check_estimators_pickle",
        "check_fit2d_1feature",
        "check_fit2d_1sample",
        "check_fit_idempotent",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_n_features_in",
        "check_n_features_in_after_fitting",
        "check_no_attributes_set_in_init",
        "check_non_transformer_estimators_n_iter",
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
        "check_sample_weights_not_overwritten",
        "check_sample_weights_shape",
        "check_supervised_y_2d",
        "check_supervised_y_no_nan",
    },
    PixelScaler: {
        "check_estimator_sparse_array",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_fit_idempotent",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_n_features_in",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_transformer_preserve_dtypes",
        "check_transformers_unfitted",
    },
    RowNormalizer: {
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_dont_overwrite_parameters",
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_estimator_sparse_tag",
        "check_estimators_fit_returns_self",
        "check_estimators_overwrite_params",
        "check_fit2d_1feature",
        "check_fit2d_1sample",
        "check_fit_check_is_fitted",
        "check_get_params_invariance",
        "check_mixin_order",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_readonly_memmap_input",
        "check_set_params",
        "check_transformers_unfitted_stateless",
        "check_valid_tag_types",
    },
}

checks_that_ran = {cls: set() for cls in EXPECTED_CHECKS}


@parametrize_with_checks(
    [cls() for cls in EXPECTED_CHECKS],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES[type(estimator)],
)
def test_estimator_passes_scikit_learn_check(estimator, check):
    try:
        check(estimator)
    except unittest.SkipTest:
        raise  # a check that skips itself does not count
    except Exception:
        checks_that_ran[type(estimator)].add(_name(check))
        raise
    checks_that_ran[type(estimator)].add(_name(check))


@pytest.mark.parametrize("estimator", [cls() for cls in EXPECTED_CHECKS])
def test_scikit_learn_offers_the_checks_that_matter(estimator):
    offered = {_name(check) for _, check in estimator_checks_generator(estimator)}
    assert offered >= EXPECTED_CHECKS[type(estimator)]


@pytest.mark.parametrize("cls", EXPECTED_CHECKS)
def test_every_offered_check_ran(cls, request):
    if not _all_checks_selected(request, cls):
        return
    offered = {_name(check) for _, check in estimator_checks_generator(cls())}
    assert checks_that_ran[cls] == offered


@pytest.mark.filterwarnings("ignore:Can't test:sklearn.exceptions.SkipTestWarning")
def test_scikit_learn_only_checks_cloning_of_picture_estimators():
    """When scikit-learn offers more, remove RowNormalizer and check DigitNormalizer."""
    normalizer = DigitNormalizer()
    offered = [_name(check) for _, check in estimator_checks_generator(normalizer)]
    assert offered == ["check_estimator_cloneable"]


def _name(check):
    while hasattr(check, "func"):
        check = check.func
    return check.__name__


def _all_checks_selected(request, cls):
    """Return whether all checks of an estimator were selected to run."""
    selected = [
        item
        for item in request.session.items
        if item.name.startswith("test_estimator_passes") and cls.__name__ in item.name
    ]
    return len(selected) == len(list(estimator_checks_generator(cls())))
