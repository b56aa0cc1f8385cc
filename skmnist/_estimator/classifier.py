"""MNISTClassifier: the network as a scikit-learn estimator."""

import inspect

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks

from skmnist._data.images import as_rows, image_shape
from skmnist._data.suggestions import suggest
from skmnist._estimator.ensemble import train_networks
from skmnist._estimator.fit_task import FitTask
from skmnist._estimator.history import join_histories
from skmnist._estimator.initial_state import (
    check_validation_data,
    fresh_state,
    resumed_state,
)
from skmnist._estimator.parameters import (
    check_parameters,
    check_partial_fit_parameters,
    partial_fit_options,
    training_options,
)
from skmnist._estimator.prediction import PredictionMixin, fitted_attributes
from skmnist._estimator.rollback import all_or_nothing
from skmnist._estimator.temperature import fit_temperature
from skmnist._training.data import TrainingData, all_classes


class MNISTClassifier(
    PredictionMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """A neural network for images of handwritten digits, or for any rows of numbers.

    The defaults are a classic recipe: 784 pixels scaled to [0, 1], a hidden layer of
    128 rectified linear units and 10 probabilities (101,770 parameters on MNIST), 50
    epochs of Adam on categorical cross-entropy in batches of 32. A compiled kernel
    trains dense networks with Keras's mathematics; Keras on TensorFlow trains all
    others. Prediction needs neither.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(128,)
        Widths of the hidden layers. Empty for multinomial logistic regression.
    network : {"dense", "conv"} or callable, default="dense"
        "dense" has the layers of `hidden_layer_sizes`. "conv" puts convolutions with
        `filters` before them; it needs images, or rows with a square number of pixels.
        A callable `network(meta, **params)` returns a keras.Model that maps rows of
        scaled pixels, float32 of shape (n, n_features), to probabilities of shape
        (n, n_classes). `meta` has the keys `n_features_in_`, `n_classes_`, `classes_`,
        `image_shape_` (None for rows), `pixel_dtype_` and `seed`; `params` are the
        parameters of this estimator that the callable names. A compiled model must have
        the loss "sparse_categorical_crossentropy" or "categorical_crossentropy".
    filters : int or sequence of int, default=(24, 48, 96)
        Filters in each block of network="conv". The first block is a 5 x 5 convolution,
        each other block 2 x 2 max pooling and two 3 x 3 convolutions.
    activation : str, default="relu"
        Activation of the hidden layers: "elu", "gelu", "leaky_relu", "linear", "relu",
        "selu", "sigmoid", "softplus" or "tanh".
    dropout : float, default=0.0
        Share of the hidden units set to zero at random in each step, in [0, 1).
    batch_norm : bool, default=False
        Whether to apply batch normalisation before each hidden activation.
    optimizer : str, default="adam"
        One of Keras's: "adadelta", "adagrad", "adam", "adamax", "adamw", "ftrl",
        "lion", "nadam", "rmsprop" or "sgd".
    learning_rate : float, default=0.001
        Learning rate of the optimizer, above 0.
    learning_rate_schedule : {"constant", "cosine", "onecycle"}, default="constant"
        Learning-rate schedule: constant; cosine annealing to 0; or the one-cycle policy
        (warm-up from 1/25 of `learning_rate` over 30 % of the steps, then annealing to
        1/250,000). It spans all `epochs`, even if `early_stopping` stops sooner.
    batch_size : int, default=32
        Rows in a step.
    epochs : int, default=50
        Passes over the training data; at most this many with `early_stopping`.
    alpha : float, default=0.0
        L2 penalty: `alpha` times the sum of the squared kernel weights is added to the
        loss.
    augmentation : {None, "affine", "elastic", "robust"} or dict, default=None
        Change the training images at random in every epoch; needs images, or rows with
        a square number of pixels. "affine" rotates by up to 10 degrees, scales and
        shears by up to 10 and 15 % and shifts by up to 1.5 pixels; "elastic" also moves
        each pixel by a smooth random field of 1 pixel; "robust" also adds clouded
        backgrounds and noise. All leave 40 % of the images unchanged. A dict sets the
        limits: "rotation" (degrees), "scale" (share), "shear" (pixels a row), "shift"
        (pixels), "elastic" (pixels), "elastic_sigma" (its smoothness in pixels, at
        least 0.5, default 4), "stroke" (dilation or erosion by a pixel), "background"
        (its weight), "noise" (of the pixels), these three shares in [0, 1], and "share"
        (of the images to change, in (0, 1], default 1).
    label_smoothing : float, default=0.0
        Share of each label spread evenly over all classes, in [0, 1). The losses in
        `history_` use the smoothed labels.
    weight_averaging : float, default=0.0
        Share of the epochs, the last ones, in [0, 1): the trained weights are the mean
        of those at the ends of these epochs. With `batch_norm`, one more pass over the
        data computes its statistics. `history_` describes the weights before averaging.
        Not together with `early_stopping`.
    class_weight : None, "balanced" or dict, default=None
        Weight of each class label, 1 for labels not named. "balanced" weights classes
        inversely to their frequency.
    early_stopping : bool, default=False
        Stop when the accuracy on validation data has not improved for
        `n_iter_no_change` epochs, and restore the weights of the best epoch. The
        validation data are `X_val` and `y_val` if `fit` gets them, otherwise a
        stratified random part of the training data.
    validation_fraction : float, default=0.1
        Share of the training data held out for `early_stopping` and `calibrate`, in
        (0, 1); at least a row of each class that has two.
    n_iter_no_change : int or numpy.inf, default=10
        Epochs without improvement before stopping.
    warm_start : bool, default=False
        Whether `fit` continues from the previous fit, including its history.
    calibrate : bool, default=False
        Temperature scaling: divide the logits by the temperature that maximises the
        likelihood of the validation labels, so that a prediction with probability 0.9
        is right about nine times in ten. Predicted labels do not change. The validation
        data are those of `early_stopping`.
    n_estimators : int, default=1
        Number of networks, trained from different seeds; their logits are averaged.
    callbacks : list of keras.callbacks.Callback, default=None
        Used as they are by `fit`, and copied by `clone`, so that the fits of a search
        do not share them. Callbacks with batch hooks need Keras's own, much slower
        loop. `set_callbacks` accepts scikit-learn's callbacks, such as progress bars.
    random_state : int, RandomState instance or None, default=None
        Determines initial weights, validation split, order of the rows and dropout
        masks. An int gives bit-identical weights on the same machine, in any process
        and for any number of cores; where TensorFlow trains networks other than "conv",
        for the same number of TensorFlow threads (by default, of processors). None uses
        fresh entropy from the operating system; NumPy's global generator is neither
        read nor advanced.
    verbose : int, default=0
        0 is silent; 1 prints a line for each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    n_features_in_ : int
        Number of pixels.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if all names of `X` are strings.
    image_shape_ : tuple of (int, int) or None
        Height and width of the training images. None for rows.
    history_ : dict of str to list of float
        `loss` and `accuracy`, and with validation data `val_loss` and `val_accuracy`:
        one number for each epoch, the mean over the networks.
    n_iter_ : int
        Number of epochs trained.
    best_epoch_ : int
        The epoch whose weights were kept, counted from 1. Only after early stopping of
        a single network.
    n_estimators_ : int
        Number of networks; fewer than `n_estimators` after Ctrl-C or a callback's stop.
    temperature_ : float
        Divides the logits; 1 without `calibrate`.
    pipeline_ : sklearn.pipeline.Pipeline
        The fitted PixelScaler, then the scikeras KerasClassifier; built on demand.
    model_ : keras.Model
        The trained Keras model, on scaled pixels, built on demand.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs), float32
        Kernels of the dense layers, on scaled pixels; read-only. Only for
        network="dense".
    intercepts_ : list of ndarray of shape (n_outputs,), float32
        Biases of the dense layers; read-only. Only for network="dense".

    See Also
    --------
    PixelScaler : The first step, which scales the pixels.
    sklearn.neural_network.MLPClassifier : scikit-learn's own dense network.

    Examples
    --------
    >>> from sklearn.model_selection import train_test_split
    >>> from skmnist import MNISTClassifier, load_digits28
    >>> X, y = load_digits28(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     X, y, stratify=y, random_state=0
    ... )
    >>> classifier = MNISTClassifier(epochs=10, random_state=0).fit(X_train, y_train)
    >>> bool(classifier.score(X_test, y_test) > 0.95)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes=(128,),
        *,
        network="dense",
        filters=(24, 48, 96),
        activation="relu",
        dropout=0.0,
        batch_norm=False,
        optimizer="adam",
        learning_rate=0.001,
        learning_rate_schedule="constant",
        batch_size=32,
        epochs=50,
        alpha=0.0,
        augmentation=None,
        label_smoothing=0.0,
        weight_averaging=0.0,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        warm_start=False,
        calibrate=False,
        n_estimators=1,
        callbacks=None,
        random_state=None,
        verbose=0,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.network = network
        self.filters = filters
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.alpha = alpha
        self.augmentation = augmentation
        self.label_smoothing = label_smoothing
        self.weight_averaging = weight_averaging
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.calibrate = calibrate
        self.n_estimators = n_estimators
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    @staticmethod
    def _defaults():
        """Return the parameters that all subclasses have, and their defaults."""
        parameters = inspect.signature(MNISTClassifier).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
                (n_samples, height, width[, 1]) or (n_samples, 1, height, width)
            Raw pixels of any real dtype, on any scale; also tensors.
        y : array-like of shape (n_samples,)
            Labels: int, str or bool.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, not negative. Only their ratios matter; rows of weight 0 are
            ignored.
        X_val : as `X`, default=None
            Validation data, evaluated after each epoch.
        y_val : array-like of shape (n_val_samples,), default=None
            Their labels.

        Returns
        -------
        self : MNISTClassifier
            The fitted classifier.

        Raises
        ------
        TypeError, ValueError
            If a parameter, the data or their combination is not allowed. The network of
            an earlier fit is kept.
        """
        with all_or_nothing(self):
            return self._fit(X, y, sample_weight, X_val, y_val)

    def _fit(self, X, y, sample_weight, X_val, y_val):
        check_parameters(self)
        resume = self.warm_start and hasattr(self, "_state")
        rows, y = as_rows(self, X, y, reset=True)
        data = TrainingData.prepare(rows, y, sample_weight, self.class_weight)
        state = self._start(data, image_shape(X), resume)._replace(temperature=1.0)
        if X_val is not None or y_val is not None:
            validation = check_validation_data(self, X_val, y_val, state)
        elif self.early_stopping or self.calibrate:
            # The seed of the first fit: a warm start validates on the same rows.
            seed = state.meta["seed"]
            data, validation = data.split(self.validation_fraction, seed), None
        else:
            validation = None
        self._train(state, data, validation, training_options(self), resume=resume)
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data.

        The optimizer's state is kept between calls: `k` calls on the same data, without
        weights, equal `k` epochs of `fit`. The first call determines the scale of the
        pixels. A fitted or pretrained network keeps its temperature, learns at 1/25 of
        `learning_rate` if it had a schedule, and keeps its batch normalisation where
        rows lack some classes or are fewer than `batch_size`.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels, or images as in `fit`.
        y : array-like of shape (n_samples,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels of all calls. Required in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, not negative, used as they are.

        Returns
        -------
        self : MNISTClassifier
            The classifier.

        Raises
        ------
        ValueError
            If `classes` is missing in the first call or differs in a later one, `y` has
            labels outside `classes`, or `class_weight` is "balanced"; in the first call
            also if `early_stopping` or `calibrate` is True, `weight_averaging` not 0 or
            `learning_rate_schedule` not "constant".
        """
        with all_or_nothing(self):
            return self._partial_fit(X, y, classes, sample_weight)

    def _partial_fit(self, X, y, classes, sample_weight):
        check_parameters(self)
        resume = hasattr(self, "_state")
        check_partial_fit_parameters(self, is_fitted=resume)
        classes = all_classes(classes, self.classes_ if resume else None)
        rows, y = as_rows(self, X, y, reset=not resume)
        data = TrainingData.prepare(
            rows, y, sample_weight, self.class_weight, classes=classes
        )
        state = self._start(data, image_shape(X), resume)
        options = partial_fit_options(self, data, resume=resume)
        self._train(state, data, None, options, resume=resume, task_name="partial_fit")
        return self

    def _start(self, data, shape, resume):
        if resume:
            return resumed_state(self, self._state, data)
        return fresh_state(self, data, shape)

    @with_callbacks
    def _train(self, state, data, validation, options, *, resume, task_name="fit"):
        earlier = self.history_ if resume else {}
        vars(self).pop("best_epoch_", None)
        task = FitTask(
            self,
            data,
            name=task_name,
            epochs=options.epochs * len(state.networks()),
            attributes=lambda state, history: fitted_attributes(
                state, join_histories(earlier, history)
            ),
        )
        task.begin()
        state, history, best_epoch = train_networks(
            state, data, options, validation=validation, task=task, resume=resume
        )
        if best_epoch is not None:
            best_epoch += len(earlier.get("loss", []))
        self._set_fitted_attributes(state, join_histories(earlier, history), best_epoch)
        if self.calibrate and task_name == "fit":
            rows, *labels = validation or data.held_out_part()
            temperature = fit_temperature(self._row_logits(rows), *labels)
            state = self._state._replace(temperature=temperature)
            self._set_fitted_attributes(state, self.history_, None)
        task.end()

    def set_params(self, **params):
        """Set parameters by name.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : MNISTClassifier
            The classifier.

        Raises
        ------
        ValueError
            If a name is unknown; the nearest parameter is suggested.
        """
        try:
            return super().set_params(**params)
        except ValueError as error:
            valid = self.get_params()
            unknown = next((name for name in params if name not in valid), "")
            raise ValueError(f"{error}{suggest(unknown, valid)}") from None
