"""FitTask: one fit and its epochs, as scikit-learn's callbacks are told of them."""

from functools import cached_property

from sklearn.utils import Bunch


class FitTask:
    """The root task of a fit, with a subtask for each epoch.

    What a callback does not ask for is not made: data and attributes are handed over
    as functions, which scikit-learn calls where a hook names them.

    Parameters
    ----------
    estimator : MNISTClassifier
        Whose callbacks are told.
    data : TrainingData
        What the network is trained on.
    name : str
        Of the method that trains.
    epochs : int
        The most that there will be.
    attributes : callable
        `attributes(state, history)` returns what makes a copy of the estimator that
        of a NetworkState and of this fit's history so far.
    """

    def __init__(self, estimator, data, *, name, epochs, attributes):
        self._estimator, self._data, self._attributes = estimator, data, attributes
        self._root = estimator._init_callback_context(
            task_name=name, max_subtasks=epochs
        )
        self._epoch = None

    def is_watched(self):
        """Tell whether there are callbacks at all."""
        return bool(getattr(self._estimator, "_skl_callbacks", None))

    def begin(self):
        """Begin the fit."""
        self._root.call_on_fit_task_begin(**self._arguments)

    def end(self):
        """End the fit, the estimator being fitted."""
        self._root.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})

    def begin_epoch(self, snapshot):
        """Begin an epoch.

        Parameters
        ----------
        snapshot : callable
            Returns the NetworkState and the history of this fit as they are now.
        """
        self._epoch = self._root.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(
            **self._arguments,
            reconstruction_attributes=lambda: self._attributes(*snapshot()),
        )

    def end_epoch(self, snapshot):
        """End an epoch.

        Parameters
        ----------
        snapshot : callable
            Returns the NetworkState and the history of this fit as they are now.

        Returns
        -------
        bool
            Whether a callback wants the training to stop.
        """
        # Ended even if a callback raises.
        epoch, self._epoch = self._epoch, None
        return epoch.call_on_fit_task_end(
            **self._arguments,
            reconstruction_attributes=lambda: self._attributes(*snapshot()),
        )

    def abandon_epoch(self):
        """End the epoch that Ctrl-C has cut short, if any, as one without a result."""
        if self._epoch is not None:
            epoch, self._epoch = self._epoch, None
            epoch.call_on_fit_task_end(estimator=self._estimator)

    @property
    def _arguments(self):
        return {
            "estimator": self._estimator,
            "X": lambda: self._shown.X,
            "y": lambda: self._shown.y,
            "metadata": lambda: self._shown.metadata,
        }

    @cached_property
    def _shown(self):
        """The rows, with the names that they had, their labels and weights."""
        data, names = self._data, getattr(self._estimator, "feature_names_in_", None)
        X, weight = data.rows, data.sample_weight
        if names is not None:
            import pandas as pd

            X = pd.DataFrame(X, columns=names)
        return Bunch(
            X=X,
            y=data.classes[data.indices],
            metadata=None if weight is None else {"sample_weight": weight},
        )
