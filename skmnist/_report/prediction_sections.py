"""The sections of a report on the predictions of the network."""

from sklearn.metrics import precision_recall_fscore_support
from sklearn.utils.multiclass import unique_labels

from skmnist._displays.style import PERCENT, format_share
from skmnist._report import figures
from skmnist._report.markup import (
    format_count,
    make_facts,
    make_pair,
    make_paragraph,
    make_picture,
    make_section,
    make_table,
)

_MOST_MISTAKES = 20  # images shown
_MOST_PAIRS = 10  # rows of the table of confusions
_REQUIRED_ACCURACIES = (0.99, 0.995, 0.999)

_NONE = "\N{EN DASH}"


def make_mistakes_section(evaluation):
    """Return the section with the most confident and the most frequent mistakes.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.

    Returns
    -------
    str
        HTML.
    """
    n_images, n_wrong = len(evaluation.y_true), evaluation.n_wrong
    if not n_wrong:
        text = f"No mistakes in {format_count(n_images, 'test image')}."
        return make_section("Mistakes", make_paragraph(text))
    tiles = [
        make_picture(picture, "png", f"Test image: {caption}", caption, css="digit")
        for caption, picture in figures.draw_mistakes(evaluation, _MOST_MISTAKES)
    ]
    shown = "All" if n_wrong == len(tiles) else f"{len(tiles)} of"
    text = (
        f"{shown} {format_count(n_wrong, 'mistake')}, the most confident first, with "
        "the true label, what it was read as, and the probability of that."
    )
    grid = f'<div class="digits">{"".join(tiles)}</div>'
    pairs = _tabulate_confusions(evaluation)
    return make_section("Mistakes", make_paragraph(text), grid, pairs)


def _tabulate_confusions(evaluation):
    """Return the table of the most frequent confusions."""
    confusions = evaluation.confusions
    n_of_label = dict(evaluation.label_counts)
    rows = [
        (true, predicted, times, format_share(times / n_of_label[true], 1))
        for true, predicted, times in confusions[:_MOST_PAIRS]
    ]
    caption = "Most frequent confusions"
    if len(confusions) > len(rows):
        caption += f": {len(rows)} of {len(confusions)} pairs"
    header = ["True label", "Predicted", "Images", "Share of the label"]
    return make_table(header, rows, n_texts=2, caption=caption)


def make_labels_section(evaluation, matrix):
    """Return the section with the metrics of each label.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.
    matrix : matplotlib Figure
        Their confusion matrix.

    Returns
    -------
    str
        HTML.
    """
    y_true, y_pred = evaluation.y_true, evaluation.y_pred
    labels = unique_labels(y_true, y_pred)
    *shares, support = precision_recall_fscore_support(
        y_true, y_pred, labels=labels, zero_division=float("nan")
    )
    rows = []
    for label, n_images, *shares_of_label in zip(
        labels.tolist(), support, *shares, strict=True
    ):
        # Only NaN differs from itself.
        cells = (format_share(x, 1) if x == x else _NONE for x in shares_of_label)
        rows.append((label, *cells, f"{n_images:,}"))
    table = make_table(["Label", "Precision", "Recall", "F1", "Images"], rows)
    note = (
        "Precision: the share of correct predictions among all predictions of the "
        "label. Recall: the share of correct predictions among all images with the "
        "label. F1: their harmonic mean. A dash: there are no such images."
    )
    alt = "Confusion matrix: the number of images for each true and predicted label."
    return make_section(
        "Labels",
        make_pair(
            make_picture(figures.to_svg(matrix), "svg+xml", alt),
            table + make_paragraph(note, "note"),
        ),
    )


def make_calibration_section(classifier, evaluation):
    """Return the section on how far the probabilities can be trusted.

    Parameters
    ----------
    classifier : MNISTClassifier
        Fitted.
    evaluation : Evaluation
        Its predictions.

    Returns
    -------
    str
        HTML.
    """
    text = (
        f"Predictions with a probability of 90{PERCENT} should be correct nine times "
        "out of ten, so the curve should follow the diagonal. Below the diagonal, the "
        "network is overconfident. The bars show the number of images: bins with few "
        "images say little."
    )
    facts = {
        f"Expected calibration error, {figures.N_BINS} bins": format_share(
            evaluation.calibration_error
        ),
        "Negative log-likelihood (log-loss)": (
            f"{evaluation.negative_log_likelihood:.4f}"
        ),
        "Mean probability of the predictions": format_share(
            evaluation.confidence.mean()
        ),
        "Accuracy": format_share(evaluation.accuracy),
        "Temperature": (
            "1 (not calibrated)"
            if classifier.temperature_ == 1
            else f"{classifier.temperature_:.3f}"
        ),
    }
    alt = "Reliability diagram: accuracy over the probability of the predictions."
    picture = make_picture(
        figures.to_svg(figures.draw_calibration(evaluation)), "svg+xml", alt
    )
    return make_section(
        "Calibration",
        make_pair(picture, make_paragraph(text) + make_facts(facts.items())),
    )


def make_rejection_section(evaluation):
    """Return the section on rejecting predictions of low probability.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.

    Returns
    -------
    str
        HTML.
    """
    display = figures.draw_risk_coverage(evaluation)
    rows = []
    for accuracy in _REQUIRED_ACCURACIES:
        coverage, threshold = display.coverage_at(accuracy)
        cells = ["none", _NONE, _NONE]
        if coverage:
            kept = evaluation.confidence >= threshold
            n_wrong = int((kept & ~evaluation.correct).sum())
            cells = [
                format_share(coverage),
                _format_threshold(threshold),
                f"{n_wrong:,}",
            ]
        rows.append((f"{100 * accuracy:g}{PERCENT}", *cells))
    text = (
        "If predictions with a probability below a threshold are rejected, fewer of "
        "the others are wrong. The table shows the lowest threshold that reaches each "
        "accuracy on these images. On new images the accuracy may be lower. AURC is "
        "the area under the curve, the mean share of errors: the lower, the better the "
        "probabilities separate right from wrong."
    )
    header = ["Accuracy", "Images kept", "Threshold", "Mistakes"]
    alt = "Risk-coverage curve: share of errors over the share of images kept."
    return make_section(
        "Rejecting uncertain predictions",
        make_pair(
            make_picture(figures.to_svg(display.figure_), "svg+xml", alt),
            make_paragraph(text) + make_table(header, rows),
        ),
    )


def _format_threshold(threshold):
    """Return a probability with as many decimals as distinguish it from 1."""
    decimals = 4
    while threshold < 1 and float(f"{threshold:.{decimals}f}") == 1:
        decimals += 1
    return f"{threshold:.{decimals}f}"
