"""The sections of a report on what the network predicts, each a piece of HTML."""

from sklearn.metrics import precision_recall_fscore_support
from sklearn.utils.multiclass import unique_labels

from skmnist._report import figures
from skmnist._report.markup import (
    count,
    format_share,
    make_facts,
    make_pair,
    make_paragraph,
    make_picture,
    make_section,
    make_table,
)

_MOST_MISTAKES = 20
_MOST_PAIRS = 10
_WANTED_ACCURACIES = (0.99, 0.995, 0.999)

_NONE = "\N{EN DASH}"


def show_mistakes(evaluation):
    """Show the most confident mistakes, and the most frequent ones.

    Parameters
    ----------
    evaluation : Evaluation
        The predictions.

    Returns
    -------
    str
        HTML, as of all functions here.
    """
    n_images, n_wrong = len(evaluation.y_true), evaluation.n_wrong
    if not n_wrong:
        text = f"None: each of {count(n_images, 'test image')} was recognised."
        return make_section("Mistakes", make_paragraph(text))
    tiles = [
        make_picture(picture, "png", f"Test image: {caption}", caption, css="digit")
        for caption, picture in figures.draw_mistakes(evaluation, _MOST_MISTAKES)
    ]
    shown = "All" if n_wrong == len(tiles) else f"{len(tiles)} of"
    text = (
        f"{shown} {count(n_wrong, 'mistake')}, the most confident first: the true "
        "label, what it was taken for, and the probability given to that."
    )
    grid = f'<div class="digits">{"".join(tiles)}</div>'
    pairs = _tabulate_confusions(evaluation)
    return make_section("Mistakes", make_paragraph(text), grid, pairs)


def _tabulate_confusions(evaluation):
    confusions = evaluation.confusions
    n_of_label = dict(evaluation.label_counts)
    rows = [
        (true, predicted, times, format_share(times / n_of_label[true], 1))
        for true, predicted, times in confusions[:_MOST_PAIRS]
    ]
    caption = "The most confused labels"
    if len(confusions) > len(rows):
        caption += f": {len(rows)} of {len(confusions)} pairs"
    header = ["Label", "Taken for", "Times", "Share of the label"]
    return make_table(header, rows, n_texts=2, caption=caption)


def show_labels(evaluation, matrix):
    """Show how well each label is recognised.

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
    for label, n_images, *figures_of_label in zip(
        labels.tolist(), support, *shares, strict=True
    ):
        # Only NaN is not itself.
        cells = (format_share(x, 1) if x == x else _NONE for x in figures_of_label)
        rows.append((label, *cells, f"{n_images:,}"))
    table = make_table(["Label", "Precision", "Recall", "F1", "Images"], rows)
    note = (
        "Precision: how much of what was taken for the label is right. Recall: how "
        "much of the label was recognised. F1: their harmonic mean. A dash: there was "
        "nothing to take a share of."
    )
    alt = "Confusion matrix: how often each label was taken for which."
    return make_section(
        "Labels",
        make_pair(
            make_picture(figures.to_svg(matrix), "svg+xml", alt),
            table + make_paragraph(note, "note"),
        ),
    )


def show_calibration(classifier, evaluation):
    """Show how far the probabilities are to be believed.

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
        "Of the predictions with a probability of 90\N{NO-BREAK SPACE}%, nine in ten "
        "should be right: the curve should follow the diagonal. Below it the network "
        "is too sure of itself. Bins with few images, counted below the curve, tell "
        "little."
    )
    facts = {
        "Expected calibration error, 15 bins": format_share(
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
    alt = "Reliability diagram: share of right predictions over their probability."
    picture = make_picture(
        figures.to_svg(figures.draw_calibration(evaluation)), "svg+xml", alt
    )
    return make_section(
        "Calibration",
        make_pair(picture, make_paragraph(text) + make_facts(facts.items())),
    )


def show_coverage(evaluation):
    """Show what is gained by leaving doubtful images to somebody else.

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
    for accuracy in _WANTED_ACCURACIES:
        coverage, threshold = display.coverage_at(accuracy)
        cells = ["none", _NONE, _NONE]
        if coverage:
            kept = evaluation.confidence >= threshold
            n_wrong = int((kept & ~evaluation.right).sum())
            cells = [format_share(coverage), f"{threshold:.4f}", f"{n_wrong:,}"]
        rows.append((f"{100 * accuracy:g}\N{NO-BREAK SPACE}%", *cells))
    text = (
        "Where predictions below a probability, the threshold, are rejected, fewer of "
        "those kept are wrong. The table has the lowest thresholds that reach an "
        "accuracy on these very images; on new ones it may fall short."
    )
    header = ["Accuracy", "Kept", "Threshold", "Wrong"]
    alt = "Risk-coverage curve: share of errors over the share of images kept."
    return make_section(
        "Rejecting doubtful images",
        make_pair(
            make_picture(figures.to_svg(display.figure_), "svg+xml", alt),
            make_paragraph(text) + make_table(header, rows),
        ),
    )
