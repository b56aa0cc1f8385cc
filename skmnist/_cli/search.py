"""skmnist search: the best parameters by cross-validation."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

from skmnist._cli.console import busy, make_console
from skmnist._cli.inputs import check_file, load_data
from skmnist._cli.networks import check_out
from skmnist._cli.options import Dataset, DatasetOption, number_option
from skmnist._cli.search_grid import check_params, parse_grid
from skmnist._data.suggestions import suggest

_SEARCH = "Search"
_LARGEST_SEED = 2**32 - 1


def search(
    param: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=V1,V2,...",
            rich_help_panel=_SEARCH,
            help="A parameter of MNISTClassifier and its values; may be repeated. With "
            "one value the parameter is fixed. Join hidden layers by x: 128x64.",
        ),
    ],
    random: Annotated[
        int | None,
        number_option(
            int,
            "Try N combinations, drawn at random; by default all.",
            at_least=1,
            panel=_SEARCH,
        ),
    ] = None,
    cv: Annotated[
        int,
        number_option(
            int,
            "Folds of the cross-validation, stratified.",
            at_least=2,
            panel=_SEARCH,
        ),
    ] = 3,
    scoring: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_SEARCH,
            help="A scikit-learn scorer, such as neg_log_loss.",
        ),
    ] = "accuracy",
    epochs: Annotated[
        int | None,
        number_option(
            int, "Passes over the training images, 50 by default.", panel=_SEARCH
        ),
    ] = None,
    seed: Annotated[
        int,
        number_option(
            int,
            "Seed of the combinations, of the folds and of each fit.",
            "--seed",
            "--random-state",
            at_least=0,
            at_most=_LARGEST_SEED,
            panel=_SEARCH,
        ),
    ] = 0,
    jobs: Annotated[
        int,
        number_option(
            int, "Fits at the same time; -1 is one for each core.", panel=_SEARCH
        ),
    ] = 1,
    dataset: DatasetOption = Dataset.auto,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            dir_okay=False,
            writable=True,
            rich_help_panel="Output",
            help="Train the best combination on all training images and save it, as "
            "ONNX; the name ends in .onnx.",
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            dir_okay=False,
            writable=True,
            rich_help_panel="Output",
            help="Write all scores to this file. Finished fits are recorded in "
            "CSV.journal, or in MODEL.journal without this option, and not repeated.",
        ),
    ] = None,
):
    """Find the best parameters by cross-validation; can be interrupted and resumed."""
    journal = _choose_journal(out, results)
    console = make_console()
    with busy(console, "Loading scikit-learn ..."):
        from skmnist._cli.search_run import run_search

        grid = parse_grid(param)
        classifier = _make_classifier(grid, epochs, seed)
        candidates = _draw_candidates(grid, random, seed)
        n_jobs = _count_jobs(jobs)
        _check_scoring(scoring)
    subsets = ["train"] if out is None else ["train", "test"]
    name, (X, y), *test = load_data(dataset, console, *subsets)
    runner = _make_search(classifier, candidates, X, y, cv, scoring, seed, journal)
    console.out(f"Searching on {name}: {len(X):,} images")
    n_fits = len(candidates) * cv
    console.out(f"{len(candidates)} combinations x {cv} folds = {n_fits} fits")
    run_search(console, runner, n_jobs, results, out, name, *test)


def _make_classifier(grid, epochs, seed):
    """Return the classifier whose parameters the search sets."""
    from skmnist import MNISTClassifier

    params = {"random_state": seed}
    if epochs is not None:
        if "epochs" in grid:
            raise typer.BadParameter(
                "given both as --epochs and as --param.", param_hint="'--epochs'"
            )
        params["epochs"] = epochs
        check_params(params, "--epochs")
    return MNISTClassifier(**params)


def _draw_candidates(grid, random, seed):
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    candidates = list(ParameterGrid(grid))
    if random is not None and random < len(candidates):
        candidates = list(ParameterSampler(grid, random, random_state=seed))
    for params in candidates:
        check_params(params)
    return candidates


def _count_jobs(jobs):
    from joblib import effective_n_jobs

    if jobs < -1 or jobs == 0:
        raise typer.BadParameter(
            f"must be at least 1, or -1, got {jobs}.", param_hint="'--jobs'"
        )
    return effective_n_jobs(jobs)


def _check_scoring(scoring):
    from sklearn.metrics import get_scorer_names

    names = get_scorer_names()
    if scoring not in names:
        advice = suggest(scoring, names) or " See sklearn.metrics.get_scorer_names()."
        raise typer.BadParameter(
            f"no scorer is called {scoring!r}.{advice}", param_hint="'--scoring'"
        )


def _choose_journal(out, results):
    """Return the file that records finished fits, or None, after checking both."""
    # A FIFO or a device keeps nothing, so nothing is recorded next to it.
    kept = []
    if results is not None and check_file(results, "--results"):
        kept.append(results)
    if out is not None and check_out(out):
        kept.append(out)
    if out is not None and results is not None and out.resolve() == results.resolve():
        raise typer.BadParameter(
            f"must not be the file of --out, got '{results}'.", param_hint="'--results'"
        )
    return kept[0].with_name(f"{kept[0].name}.journal") if kept else None


def _make_search(classifier, candidates, X, y, cv, scoring, seed, journal):
    from sklearn.model_selection import StratifiedKFold

    from skmnist._cli.parameter_search import ParameterSearch

    _try_scoring(scoring, X, y)
    try:
        folds = StratifiedKFold(cv, shuffle=True, random_state=seed)
        splits = list(folds.split(X, y))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--cv'") from None
    try:
        return ParameterSearch(
            classifier, candidates, X, y, splits, scoring=scoring, journal=journal
        )
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="'--results'") from None


def _try_scoring(scoring, X, y):
    """Refuse a scorer that cannot score these labels, such as one for two classes."""
    from sklearn.dummy import DummyClassifier
    from sklearn.metrics import get_scorer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that some class is never predicted
        try:
            get_scorer(scoring)(DummyClassifier().fit(X, y), X, y)
        except (TypeError, ValueError) as error:
            raise typer.BadParameter(
                f"{scoring!r} cannot score these labels: {error}",
                param_hint="'--scoring'",
            ) from None
