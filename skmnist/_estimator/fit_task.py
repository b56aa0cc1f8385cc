"""FitTask: one fit and its epochs, as scikit-learn's callbacks see them."""

from functools import cached_property

from sklearn.utils import Bunch

from skmnist._training.interruption import warn_of_interruption
from skmnist._training.state import join_networks


class FitTask:
    """The root task of a fit, with a subtask for each epoch.

    Nothing is computed that no callback asks for: data and attributes are passed as
    functions, which scikit-learn calls only if a hook has a parameter of that name.

    Parameters
    ----------
    estimator : MNISTClassifier
        The estimator, with its callbacks.
    data : TrainingData
        The data to train on.
    name : str
        Name of the method that trains: "fit" or "partial_fit".
    epochs : int
        The maximum number of epochs.
    attributes : callable
        `attributes(state, history)` returns the fitted attributes, as a dict, for a
        NetworkState and the history of this fit so far.

    Attributes
    ----------
    networks : list of NetworkState
        The networks of an ensemble that are trained, and those of an earlier fit.
    position : int
        Place among them of the network that is trained now.
    interrupted, stopped : bool
        Whether Ctrl-C ended the training, and whether a callback did.
    """

    def __init__(self, estimator, data, *, name, epochs, attributes):
        self._estimator, self._data, self._attributes = estimator, data, attributes
        self._root = estimator._init_callback_context(
            task_name=name, max_subtasks=epochs
        )
        self._epoch = None
        self.networks, self.position = [], 0
        self.interrupted = self.stopped = False

    def is_watched(self):
        """Return whether the estimator has callbacks."""
        return bool(getattr(self._estimator, "_skl_callbacks", None))

    def begin(self):
        """Begin the fit."""
        self._root.call_on_fit_task_begin(**self._arguments)

    def end(self):
        """End the fit, once the estimator is fitted."""
        self._root.call_on_fit_task_end(**self._arguments, reconstruction_attributes={})

    def begin_epoch(self, snapshot):
        """Begin an epoch.

        Parameters
        ----------
        snapshot : callable
            Returns the current NetworkState and the history of this fit so far.
        """
        self._epoch = self._root.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(
            **self._arguments,
            reconstruction_attributes=lambda: self._describe(snapshot),
        )

    def end_epoch(self, snapshot):
        """End an epoch.

        Parameters
        ----------
        snapshot : callable
            Returns the current NetworkState and the history of this fit so far.

        Returns
        -------
        bool
            Whether a callback wants the training to stop.
        """
        # Cleared first: if a callback raises, the epoch must not be ended again.
        epoch, self._epoch = self._epoch, None
        self.stopped = epoch.call_on_fit_task_end(
            **self._arguments,
            reconstruction_attributes=lambda: self._describe(snapshot),
        )
        return self.stopped

    def interrupt(self):
        """Note that Ctrl-C ended the training, and warn of it once."""
        if not self.interrupted:
            self.interrupted = True
            warn_of_interruption()

    def networks_with(self, state):
        """Return the networks, with another state of the one that is trained now.

        Parameters
        ----------
        state : NetworkState
            That state.

        Returns
        -------
        list of NetworkState
            A new list.
        """
        before, after = self.networks[: self.position], self.networks[self.position :]
        return [*before, state, *after[1:]]

    def _describe(self, snapshot):
        """Return the fitted attributes of the ensemble as if training ended now."""
        state, history = snapshot()
        return self._attributes(join_networks(self.networks_with(state)), history)

    def abandon_epoch(self):
        """End the epoch that Ctrl-C interrupted, if any, without a result."""
        if self._epoch is not None:
            epoch, self._epoch = self._epoch, None
            epoch.call_on_fit_task_end(estimator=self._estimator)

    @property
    def _arguments(self):
        return {
            "estimator": self._estimator,
            "X": lambda: self._callback_data.X,
            "y": lambda: self._callback_data.y,
            "metadata": lambda: self._callback_data.metadata,
        }

    @cached_property
    def _callback_data(self):
        """The training rows, with their names, labels and weights, for callbacks."""
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
