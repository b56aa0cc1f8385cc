import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

import skmnist
from skmnist import MNISTClassifier, RiskCoverageDisplay, expected_calibration_error
from skmnist._displays.evaluation import evaluate
from skmnist._report.report import TrainingRun, write_report

VOID = {"meta", "img", "br", "hr"}
SECTIONS = [
    "Mistakes",
    "Labels",
    "Calibration",
    "Rejecting uncertain predictions",
    "Training",
    "Prediction time",
    "Configuration",
    "Layers",
    "Versions",
]


class Page(HTMLParser):
    """A parsed page; an error if its tags are not nested."""

    def __init__(self, source):
        super().__init__()
        self.source, self.open, self.texts = source, [], []
        self.tags, self.pictures = [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open and data.strip():
            self.texts.append((self.open[-1], " ".join(data.split())))

    def texts_of(self, tag):
        return [text for name, text in self.texts if name == tag]

    @property
    def facts(self):
        return dict(zip(self.texts_of("dt"), self.texts_of("dd"), strict=True))

    @property
    def text(self):
        return " ".join(text for _, text in self.texts)


def report(folder, classifier, X, y, title="A network on digits", **options):
    write_report(folder, classifier, X, y, title, **options)
    return Page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(fitted, digits, tmp_path_factory):
    """The report on a classifier that makes mistakes, after a training."""
    folder = tmp_path_factory.mktemp("report")
    training = TrainingRun(1257, 100, 0.999, 2.5, interrupted=False)
    return report(folder, fitted, digits[1], digits[3], training=training)


@pytest.fixture(scope="module")
def evaluation(fitted, digits):
    return evaluate(fitted, digits[1], digits[3])


def select(fitted, digits, *, correct):
    """Return the test images that are classified correctly, or the others."""
    _, X, _, y = digits
    chosen = (fitted.predict(X) == y) == correct
    return X[chosen], y[chosen]


def relabelled(classifier, names):
    """Return a copy of a fitted classifier with other labels."""
    copy = clone(classifier)
    vars(copy).update(vars(classifier))
    copy.classes_ = np.array(names)
    return copy


def test_sections_are_complete_and_in_order(page):
    assert page.texts_of("h2") == SECTIONS
    assert page.texts_of("h1") == page.texts_of("title") == ["A network on digits"]


def test_metrics_agree_with_scikit_learn(evaluation, fitted, digits):
    _, X, _, y = digits
    proba = fitted.predict_proba(X)
    assert evaluation.accuracy == accuracy_score(y, fitted.predict(X))
    np.testing.assert_array_equal(evaluation.y_pred, fitted.predict(X))
    np.testing.assert_allclose(evaluation.confidence, proba.max(axis=1))
    np.testing.assert_allclose(
        evaluation.negative_log_likelihood, log_loss(y, proba), rtol=1e-6
    )
    error = expected_calibration_error(y, proba)
    np.testing.assert_allclose(evaluation.calibration_error, error)
    assert evaluation.batch_seconds > 0
    assert evaluation.single_seconds > 0


def test_the_page_shows_these_metrics(page, evaluation):
    assert 0 < evaluation.n_wrong < len(evaluation.y_true)
    assert page.facts["Mistakes"] == str(evaluation.n_wrong)
    assert page.facts["Log-loss"] == f"{evaluation.negative_log_likelihood:.4f}"
    assert f"{evaluation.accuracy:.2%}".replace("%", " %") in page.texts_of("p")
    low, high = evaluation.accuracy_interval
    assert low < evaluation.accuracy < high
    assert f"{low:.1%} to {high:.1%}".replace("%", " %") in page.text


def test_the_page_shows_recall_and_number_of_images_of_each_label(page, evaluation):
    counts = confusion_matrix(evaluation.y_true, evaluation.y_pred)
    recalls = counts.diagonal() / counts.sum(axis=1)
    for label, (recall, n_images) in enumerate(
        zip(recalls, counts.sum(axis=1), strict=True)
    ):
        share = f"{recall:.1%}".replace("%", "[\xa0 ]%")
        row = rf'<th scope="row">{label}</th>(<td[^<]*</td>)<td class="n">{share}</td>'
        row += rf'<td[^<]*</td><td class="n">{n_images}</td>'
        assert re.search(row, page.source)


def test_the_most_confident_mistakes_are_shown_in_order(page, evaluation):
    captions = page.texts_of("figcaption")
    assert len(captions) == min(evaluation.n_wrong, 20)
    wrong = np.flatnonzero(~evaluation.correct)
    worst = wrong[evaluation.confidence[wrong].argmax()]
    true, predicted = evaluation.y_true[worst], evaluation.y_pred[worst]
    assert captions[0].startswith(f"{true} read as {predicted} (")
    shares = [float(re.search(r"([\d.]+)\s%", text)[1]) for text in captions]
    assert shares == sorted(shares, reverse=True)


def test_coverages_agree_with_the_risk_coverage_curve(page, evaluation):
    display = RiskCoverageDisplay.from_predictions(
        evaluation.y_true, evaluation.y_pred, evaluation.confidence
    )
    plt.close(display.figure_)
    coverage, threshold = display.coverage_at(0.995)
    row = page.source[page.source.index("99.5\xa0%</th>") :]
    assert f"{coverage:.2%}".replace("%", "\xa0%") in row[:200]
    assert f"{threshold:.4f}" in row[:200]


def test_changed_parameters_come_first(page):
    table = page.source[page.source.index("Changed from the defaults") :]
    table = table[: table.index("</table>")]
    assert re.findall(r'scope="row">(\w+)<', table) == ["epochs", "random_state"]
    assert page.facts["learning_rate"] == "0.001"


def test_the_page_shows_the_training_and_the_versions(page, fitted):
    assert page.facts["Training time"] == "2.5 s"
    assert page.facts["Held out for validation"] == "100 more"
    assert page.facts["Epochs"] == "15"
    last = fitted.history_["loss"][-1]
    assert page.facts["Final training loss"] == f"{last:.4f}"
    assert page.facts["skmnist"] == skmnist.__version__
    assert page.facts["numpy"] == np.__version__
    assert page.texts_of("pre")[0] == " ".join(fitted.summary().split())


def test_the_page_needs_no_other_file(page):
    assert not re.search(r"https?://|@import|url\(", page.source)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert attributes.get("src", "data:").startswith("data:")
        assert "href" not in attributes
    assert len(page.source.encode()) < 2_000_000


def test_pictures_are_valid_and_described(page):
    assert len(page.pictures) > 5
    for picture in page.pictures:
        kind, content = picture["src"].split(";base64,")
        content = base64.b64decode(content, validate=True)
        if kind == "data:image/png":
            assert content.startswith(b"\x89PNG")
        else:
            assert kind == "data:image/svg+xml"
            links = [
                value
                for element in ElementTree.fromstring(content).iter()
                for name, value in element.attrib.items()
                if name.endswith("href")
            ]
            assert all(link.startswith(("#", "data:")) for link in links)
        assert picture["alt"]


def test_pyplot_keeps_no_figure(fitted, digits, tmp_path):
    plt.close("all")  # those of other tests
    report(tmp_path, fitted, digits[1][:30], digits[3][:30])
    assert plt.get_fignums() == []


def test_existing_files_are_replaced(fitted, digits, tmp_path):
    for name in ("report.html", "confusion_matrix.png"):
        (tmp_path / name).write_bytes(b"old")
    report(tmp_path, fitted, digits[1][:30], digits[3][:30])
    names = ["confusion_matrix.png", "learning_curves.png", "report.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(path.stat().st_size > 1000 for path in tmp_path.iterdir())


def test_text_is_escaped(fitted, digits, tmp_path):
    _, X, _, y = digits
    names = [f"<b>{digit}</b> & $\\frac" for digit in range(10)]
    labels = np.array(names)[y]
    classifier = relabelled(fitted, names)
    classifier.class_weight = {"<script>": 1}
    page = report(tmp_path, classifier, X, labels, "</title><script>alert(1)")
    assert page.texts_of("h1") == ["</title><script>alert(1)"]
    assert not {"b", "script"} & {tag for tag, _ in page.tags}
    assert names[3] in page.texts_of("th")
    assert "{'<script>': 1}" in page.facts["class_weight"]


def test_classes_name_the_labels_of_the_test_data(fitted, digits, tmp_path):
    _, X, _, y = digits
    strings = relabelled(fitted, [str(digit) for digit in range(10)])
    page = report(tmp_path, strings, X, y, classes=strings.classes_.astype(int))
    assert page.facts["Mistakes"] == str(int((fitted.predict(X) != y).sum()))


def test_a_page_without_mistakes_says_so(fitted, digits, tmp_path):
    X, y = select(fitted, digits, correct=True)
    page = report(tmp_path, fitted, X, y)
    assert page.texts_of("h2") == SECTIONS
    assert f"No mistakes in {len(y)} test images." in page.text
    assert page.texts_of("figcaption") == []
    assert "100.00 %" in page.texts_of("p")
    assert page.source.count('<td class="n">100.00\xa0%</td>') == 3  # coverages


def test_no_threshold_helps_if_all_predictions_are_wrong(fitted, digits, tmp_path):
    X, y = select(fitted, digits, correct=False)
    page = report(tmp_path, fitted, X, y)
    assert "0.00 %" in page.texts_of("p")
    assert page.texts_of("td").count("none") == 3


def test_an_accuracy_just_below_1_is_not_shown_as_100_percent(fitted, digits, tmp_path):
    X, y = select(fitted, digits, correct=True)
    X, y = np.tile(X[:100], (300, 1)), np.tile(y[:100], 300)
    y[0] = (y[0] + 1) % 10
    page = report(tmp_path, fitted, X, y)
    assert ">99.99 %" in page.texts_of("p")


def test_a_network_of_two_labels_has_a_report(digits, tmp_path):
    X, X_test, y, y_test = digits
    X, y = X[y < 2], y[y < 2]
    classifier = MNISTClassifier(epochs=1, random_state=0).fit(X, y == 1)
    page = report(tmp_path, classifier, X_test[y_test < 2], y_test[y_test < 2] == 1)
    assert {"True", "False"} <= {*page.texts_of("th")}


def test_unknown_labels_count_as_mistakes(fitted, digits, tmp_path):
    _, X, _, y = digits
    page = report(tmp_path, fitted, X, np.where(y == 3, 77, y))
    assert "labels that the network does not know: 77." in page.text
    assert int(page.facts["Mistakes"]) >= (y == 3).sum()
    assert page.facts["Log-loss"] == "inf"


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"loss": [0.5]}])
def test_a_network_without_a_history_has_no_curves(history, fitted, digits, tmp_path):
    classifier = relabelled(fitted, fitted.classes_)
    classifier.history_ = history
    page = report(tmp_path, classifier, digits[1], digits[3])
    assert "no training history" in page.text
    assert "Training time" not in page.facts
    assert not (tmp_path / "learning_curves.png").exists()


def test_the_warning_of_an_interrupted_training_comes_first(fitted, digits, tmp_path):
    training = TrainingRun(1257, 0, 0.9, 0.001, interrupted=True)
    page = report(tmp_path, fitted, digits[1], digits[3], training=training)
    notice = "Training was interrupted after 15 of 15 epochs."
    assert page.text.index(notice) < page.text.index("Mistakes")


def test_an_interrupted_ensemble_counts_its_networks(fitted, digits, tmp_path):
    training = TrainingRun(1257, 0, 0.9, 0.001, interrupted=True)
    ensemble = relabelled(fitted, fitted.classes_).set_params(n_estimators=3)
    page = report(tmp_path, ensemble, digits[1], digits[3], training=training)
    assert "Training was interrupted after 1 of 3 networks." in page.text


def test_the_page_shows_the_best_epoch(digits, tmp_path):
    X, X_test, y, y_test = digits
    classifier = MNISTClassifier(epochs=3, early_stopping=True, random_state=0)
    page = report(tmp_path, classifier.fit(X, y), X_test, y_test)
    best = page.facts["Best epoch (its weights were kept)"]
    assert best == str(classifier.best_epoch_)
    alts = [picture["alt"] for picture in page.pictures]
    assert f"Loss by epoch. The best epoch, {best}, is marked." in alts


def test_an_error_names_the_file_that_cannot_be_written(fitted, digits, tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        report(tmp_path, fitted, digits[1][:30], digits[3][:30])
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_on_a_loaded_network_needs_no_tensorflow(fitted, digits, tmp_path):
    fitted.save(tmp_path / "model.onnx")
    np.savez(tmp_path / "test.npz", X=digits[1], y=digits[3])
    code = """
import sys
from pathlib import Path
import numpy as np
from skmnist import MNISTClassifier
from skmnist._report.report import write_report
test = np.load("test.npz")
classifier = MNISTClassifier.load("model.onnx")
write_report(Path(), classifier, test["X"], test["y"], "A file")
assert not {"tensorflow", "keras"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "report.html").stat().st_size > 0
