"""How well pages are read: character by character, by style and by owner."""

import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

import numpy as np
from _handwriting import STYLES, compose, count_edits, read_manifest
from _page_pictures import draw_printed_page
from joblib import Parallel, delayed

from skmnist import DigitNormalizer, NumberReader, load_pretrained

BLOCK = 25  # pictures that a worker gets at a time
DATA_SETS = ("hwd1000", "semeion", "usps_train")
N_STRINGS = 1000
GAPS = {"3 to 8 pixels apart": (3, 8)} | {
    f"{gap} pixels apart": (gap, gap) for gap in (0, -1, -2)
}
SIZES = 24, 40, 64  # of print, pixels


def read_styles(folder, classifier=None):
    """Return a table of how well pictures of several digits are read.

    Parameters
    ----------
    folder : path
        With manifest.csv. A label's rows are separated by slashes.
    classifier : estimator, default=None
        The reader's.

    Returns
    -------
    list of sequence
        A row for each style, after the names of the columns.
    """
    entries = read_manifest(folder)
    texts = read([folder / entry["file"] for entry in entries], classifier)
    groups = defaultdict(list)
    for entry, text in zip(entries, texts, strict=True):
        if "line 3 only" in entry["notes"]:  # letters are in the lines above it
            text = text.split("\n")[-1]
        score = count_mistakes(text, entry["label"].replace("/", "\n"))
        groups[entry["style"]].append((find_owner(entry["file"]), *score))
        groups["all of these"].append((find_owner(entry["file"]), *score))
    groups["all of these"] = groups.pop("all of these")
    columns = "", "pictures", "owners", "characters", "characters right"
    rows = [(*columns, "mean over owners", "pictures right")]
    for style, scores in groups.items():
        right, by_owner = rate(scores)
        n_owners = len({owner for owner, _, _ in scores})
        n_characters = sum(length for _, _, length in scores)
        exact = mean(edits == 0 for _, edits, _ in scores)
        counts = len(scores), n_owners, n_characters
        cells = map(percent, (right, by_owner, exact))
        rows.append((STYLES.get(style.replace("_", " "), style), *counts, *cells))
    return rows


def read(pictures, classifier=None):
    """Return the texts of pictures, read on all cores; no digit is left doubtful."""
    reader = NumberReader(classifier, min_probability=0)
    blocks = [pictures[i : i + BLOCK] for i in range(0, len(pictures), BLOCK)]
    texts = Parallel(n_jobs=-1)(delayed(_read_block)(reader, b) for b in blocks)
    return [text for block in texts for text in block]


def _read_block(reader, pictures):
    return [reader.read(picture).text for picture in pictures]


def count_mistakes(text, label):
    """Return the edits that a text needs, at most the label's length, and that.

    Spaces count only if the label has spaces.
    """
    if " " not in label:
        text = text.replace(" ", "")
    return min(count_edits(text, label), len(label)), len(label)


def find_owner(name):
    """Return whose pictures these are: the part before the first two underscores."""
    return Path(name).name.split("__")[0]


def rate(scores):
    """Return the share that is right, of all, and as the mean over owners.

    Parameters
    ----------
    scores : list of (str, int, int)
        Owners, mistakes, and how many could be made.
    """
    totals = defaultdict(lambda: np.zeros(2))
    for owner, wrong, n in scores:
        totals[owner] += wrong, n
    wrong, n = sum(totals.values())
    return 1 - wrong / n, mean(1 - wrong / n for wrong, n in totals.values())


def percent(share, n_digits=1):
    """Return a share as a cell of a table."""
    return f"{100 * share:.{n_digits}f} %"


def recognize_styles(folder, n_rows):
    """Return a table of how well pictures of one digit are recognized."""
    groups = defaultdict(list)
    for name in ("single", "printed"):
        if (folder / name).is_dir():
            for entry in read_manifest(folder / name):
                style = entry["style"] if name == "single" else name
                picture = folder / name / entry["file"]
                groups[style].append((picture, int(entry["label"])))
    for name in DATA_SETS:
        path = folder / "datasets" / f"{name}.npz"
        if path.exists():
            with np.load(path) as data:
                images, labels = data["images"][:n_rows], data["labels"][:n_rows]
            groups[name] = list(zip(images, labels.tolist(), strict=True))
    rows = [("", "pictures", "right", "mean over owners", "refused")]
    classifier = load_pretrained()
    for name, pairs in groups.items():
        pictures, labels = zip(*pairs, strict=True)
        forms = normalize(list(pictures))
        seen = forms.any(axis=1)
        wrong = (classifier.predict(forms) != labels) | ~seen
        is_file = isinstance(pictures[0], Path)
        owners = [find_owner(picture) if is_file else "" for picture in pictures]
        right, by_owner = rate([(o, w, 1) for o, w in zip(owners, wrong, strict=True)])
        by_owner = percent(by_owner) if is_file else ""
        refused = np.count_nonzero(~seen)
        cells = len(labels), percent(right), by_owner, int(refused)
        rows.append((STYLES.get(name, name), *cells))
    return rows


def normalize(pictures):
    """Return rows in MNIST's form, on all cores; blank where there is no digit."""
    normalizer = DigitNormalizer(handle_invalid="blank")
    blocks = [pictures[i : i + BLOCK] for i in range(0, len(pictures), BLOCK)]
    rows = Parallel(n_jobs=-1)(delayed(normalizer.transform)(b) for b in blocks)
    return np.concatenate(rows)


def read_strings(test, n_strings, classifier=None):
    """Return a table of the share of strings that are read without a mistake."""
    rows = [("one to eight digits", "strings", "strings right", "characters right")]
    for name, gaps in GAPS.items():
        rng = np.random.default_rng(0)
        strings = []
        for _ in range(min(N_STRINGS, n_strings)):
            chosen = rng.integers(len(test.data), size=rng.integers(1, 9))
            string = compose(test.images[chosen], test.target[chosen], gaps, rng)
            strings.append(string)
        texts = read([picture for picture, _ in strings], classifier)
        edits = [count_mistakes(t, s) for t, (_, s) in zip(texts, strings, strict=True)]
        exact = mean(wrong == 0 for wrong, _ in edits)
        right, _ = rate([("", *edit) for edit in edits])
        rows.append((name, len(strings), percent(exact), percent(right)))
    return rows


def read_print():
    """Return a table of how well print is read in fonts that were not trained on.

    It is None where the fonts are not installed.
    """
    sys.path.insert(0, str(Path(__file__).parents[1] / "pretraining"))
    from detector.fonts import HELD_OUT, find_faces

    try:
        faces = find_faces(HELD_OUT)
    except FileNotFoundError as error:
        print(f"No pages of print: {error}", file=sys.stderr)
        return None
    rows = [("font", "characters", "characters right", "without spaces")]
    every = [[], []]
    for face in faces:
        pages = [draw_printed_page(face.path, size) for size in SIZES]
        texts = read([page for page, _ in pages])
        pairs = [(text, label) for text, (_, label) in zip(texts, pages, strict=True)]
        bare = [[string.replace(" ", "") for string in pair] for pair in pairs]
        for scores, compared in zip(every, (pairs, bare), strict=True):
            scores += [(face.path, *count_mistakes(*pair)) for pair in compared]
        counts = [rate([s for s in scores if s[0] == face.path])[0] for scores in every]
        n_characters = sum(len(label) for _, label in pages)
        rows.append((Path(face.path).stem, n_characters, *map(percent, counts)))
    n_characters = sum(n for _, _, n in every[0])
    shares = [percent(rate(scores)[0]) for scores in every]
    return [*rows, ("all of these", n_characters, *shares)]
