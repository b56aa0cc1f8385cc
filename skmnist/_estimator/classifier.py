"""MNISTClassifier: the network as a scikit-learn estimator."""

from contextlib import contextmanager

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks

from skmnist._data.images import as_rows, image_shape
from skmnist._estimator.history import join_histories
from skmnist._estimator.parameters import (
    check_parameters,
    check_partial_fit_parameters,
    suggest_name,
)
from skmnist._estimator.prediction import FittedNetworkMixin, fitted_attributes
from skmnist._estimator.state import fresh_state, resumed_state
from skmnist._estimator.temperature import fit_temperature
from skmnist._training.data import TrainingData, all_classes, class_indices
from skmnist._training.fit_task import FitTask


class MNISTClassifier(
    FittedNetworkMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """A neural network for images of handwritten digits, or for any rows of numbers.

    The defaults are a classic recipe: 784 pixels scaled to [0, 1], a hidden layer of
    128 rectified units, 10 probabilities (101,770 parameters on MNIST), trained by
    Adam on categorical cross-entropy for 50 epochs of batches of 32. Training is
    Keras's, run by whole compiled epochs; prediction needs no Keras.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(128,)
        Widths of the hidden layers. Empty for multinomial logistic regression.
    network : {"dense", "conv"} or callable, default="dense"
        "dense" is the network of `hidden_layer_sizes`. "conv" puts convolutions, of
        `filters`, before these layers; it needs images, or rows whose number of pixels
        is a square. A callable
        `network(meta, **params)` returns a keras.Model that takes rows of scaled
        pixels, float32 of shape (n, n_features), to probabilities of shape
        (n, n_classes). `meta` has the keys `n_features_in_`, `n_classes_`, `classes_`,
        `image_shape_` (None for rows), `pixel_dtype_` and `seed`; of this estimator's
        parameters it gets those that it names. The loss of a model that comes compiled
        must be "sparse_categorical_crossentropy" or "categorical_crossentropy".
    filters : int or sequence of int, default=(24, 48, 96)
        Of network="conv": filters in each block. The first block is a convolution of
        5 x 5, each further one a maximum of 2 x 2 and two convolutions of 3 x 3.
    activation : str, default="relu"
        Activation of the hidden layers: "elu", "gelu", "leaky_relu", "linear", "relu",
        "selu", "sigmoid", "softplus" or "tanh".
    dropout : float, default=0.0
        Share of each hidden layer's units that is left out at random in each step, in
        [0, 1).
    batch_norm : bool, default=False
        Normalise each hidden layer over the batch before its activation.
    optimizer : str, default="adam"
        One of Keras's: "adadelta", "adagrad", "adam", "adamax", "adamw", "ftrl",
        "lion", "nadam", "rmsprop" or "sgd".
    learning_rate : float, default=0.001
        Step size of the optimizer, above 0.
    learning_rate_schedule : {"constant", "cosine", "onecycle"}, default="constant"
        How the step size goes on: not at all; falling to 0 along half a cosine; or
        rising from a twenty-fifth to `learning_rate` in three tenths of all steps, then
        falling to next to nothing. All steps are those of `epochs`, also where
        `early_stopping` ends the training before.
    batch_size : int, default=32
        Rows in a step.
    epochs : int, default=50
        Passes over the training data. With `early_stopping` the most there may be.
    alpha : float, default=0.0
        L2 penalty: `alpha` times the sum of the squared kernel weights is added to the
        loss.
    augmentation : {None, "affine", "elastic"} or dict, default=None
        Bend images anew in each epoch; needs images, or rows whose number of pixels
        is a square. "affine" rotates by up to 10 degrees, scales and shears by up to
        10 and 15 % and shifts by up to 1.5 pixels; "elastic" also moves each pixel by
        a smooth random field of 1 pixel's standard deviation. Both leave four of ten
        images as they are. A dict sets the limits: "rotation" (degrees), "scale"
        (share), "shear" (pixels a row), "shift" (pixels), "elastic" (pixels),
        "elastic_sigma" (smoothness of the field, in pixels; 4 unless given), "stroke"
        (share, in [0, 1], by which strokes grow or shrink by a pixel) and "share" (of
        the images that are bent, in (0, 1]; 1 unless given).
    label_smoothing : float, default=0.0
        Share of each label that is spread over all classes, in [0, 1). The losses in
        `history_` are those of the smoothed labels.
    class_weight : None, "balanced" or dict, default=None
        Weight of each class label; those not named weigh 1. "balanced" weighs classes
        inversely to their frequency.
    early_stopping : bool, default=False
        Stop when the accuracy on validation data has not improved for
        `n_iter_no_change` epochs, and restore the weights of the best epoch. The
        validation data are `X_val` and `y_val` where `fit` gets them, else a
        stratified random part of the training data.
    validation_fraction : float, default=0.1
        Share of the training data set aside, in (0, 1). Only with `early_stopping` or
        `calibrate`.
    n_iter_no_change : int, default=10
        Epochs without improvement before stopping.
    warm_start : bool, default=False
        Let `fit` go on from the previous fit, history included.
    calibrate : bool, default=False
        After training, divide the logits by the temperature that makes the labels of
        the validation data likeliest. Labels stay what they were; probabilities become
        what one may expect to be right. The validation data are those of
        `early_stopping`.
    callbacks : list of keras.callbacks.Callback, default=None
        Copied for each fit. Callbacks with batch hooks are served by Keras's own, much
        slower loop. Those of scikit-learn, such as progress bars, are not parameters:
        `set_callbacks` takes them.
    random_state : int, RandomState instance or None, default=None
        Draws initial weights, validation split, order of the rows and dropout masks. An
        int gives bit-identical weights on the same machine, in any process. None takes
        fresh entropy from the operating system; NumPy's global generator is neither
        read nor advanced.
    verbose : int, default=0
        0 is silent; 1 prints a line an epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    n_features_in_ : int
        Number of pixels.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where `X` had names that are all strings.
    history_ : dict of str to list of float
        `loss` and `accuracy`, and with validation data `val_loss` and `val_accuracy`:
        one number an epoch.
    n_iter_ : int
        Number of epochs trained.
    best_epoch_ : int
        The epoch whose weights were kept, counted from 1. Only with `early_stopping`.
    temperature_ : float
        What the logits are divided by; 1 without `calibrate`.
    pipeline_ : sklearn.pipeline.Pipeline
        The fitted PixelScaler and the scikeras KerasClassifier around the network,
        built on demand.
    model_ : keras.Model
        The trained Keras model, on scaled pixels, built on demand.
    coefs_ : list of ndarray of shape (n_inputs, n_outputs), float32
        Kernels of the dense layers, on scaled pixels. Only of network="dense".
    intercepts_ : list of ndarray of shape (n_outputs,), float32
        Biases of the dense layers. Only of network="dense".

    See Also
    --------
    PixelScaler : The scaling that comes first.
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
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        warm_start=False,
        calibrate=False,
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
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.calibrate = calibrate
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Raw pixels of any real dtype, on any scale.
        y : array-like of shape (n_samples,)
            Labels: int, str or bool.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, not negative. Only their ratios matter; a row of weight 0 is left
            out.
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
            If a parameter, the data or their combination is not allowed. An earlier
            fit's network is kept.
        """
        with _all_or_nothing(self):
            return self._fit(X, y, sample_weight, X_val, y_val)

    def _fit(self, X, y, sample_weight, X_val, y_val):
        check_parameters(self)
        resume = self.warm_start and hasattr(self, "_state")
        rows, y = as_rows(self, X, y, reset=True)
        data = TrainingData.prepare(rows, y, sample_weight, self.class_weight)
        state = self._start(data, image_shape(X), resume)
        if X_val is not None or y_val is not None:
            validation = self._validate_validation_data(X_val, y_val, state)
        elif self.early_stopping or self.calibrate:
            # By the first seed, so that a warm start validates on the same rows.
            seed = state.meta["seed"]
            data, validation = data.split(self.validation_fraction, seed), None
        else:
            validation = None
        self._train(state, data, validation, epochs=self.epochs, resume=resume)
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data.

        The optimizer's state is kept from call to call: `k` calls on the same data,
        without weights, are `k` epochs of `fit`. The scale of the pixels is that of the
        first call.

        Parameters
        ----------
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Raw pixels, or images as in `fit`.
        y : array-like of shape (n_samples,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that any call will bring. Needed in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, not negative, used as they are.

        Returns
        -------
        self : MNISTClassifier
            The classifier.

        Raises
        ------
        ValueError
            If `classes` is missing in the first call or changed in a later one, `y`
            has labels that are not among them, `early_stopping` or `calibrate` is on,
            or `learning_rate_schedule` is not "constant".
        """
        with _all_or_nothing(self):
            return self._partial_fit(X, y, classes, sample_weight)

    def _partial_fit(self, X, y, classes, sample_weight):
        check_parameters(self)
        check_partial_fit_parameters(self)
        resume = hasattr(self, "_state")
        classes = all_classes(classes, self.classes_ if resume else None)
        rows, y = as_rows(self, X, y, reset=not resume)
        data = TrainingData.prepare(
            rows, y, sample_weight, self.class_weight, classes=classes
        )
        state = self._start(data, image_shape(X), resume)
        self._train(state, data, None, epochs=1, resume=resume, task_name="partial_fit")
        return self

    def _start(self, data, shape, resume):
        if resume:
            return resumed_state(self, self._state, data)
        return fresh_state(self, data, shape)

    def _validate_validation_data(self, X_val, y_val, state):
        if X_val is None or y_val is None:
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(
                f"`X_val` and `y_val` must be given together, got None for `{missing}`."
            )
        rows, y_val = as_rows(self, X_val, y_val, reset=False)
        state.scaler.check_range(rows)
        return rows, class_indices(y_val, state.meta["classes_"], "y_val")

    @with_callbacks
    def _train(self, state, data, validation, *, epochs, resume, task_name="fit"):
        from skmnist._keras.fit import train

        earlier = self.history_ if resume else {}
        vars(self).pop("best_epoch_", None)
        task = FitTask(
            self,
            data,
            name=task_name,
            epochs=epochs,
            attributes=lambda state, history: fitted_attributes(
                state, join_histories(earlier, history)
            ),
        )
        task.begin()
        state, history, best_epoch = train(
            self, state, data, validation_data=validation, epochs=epochs, task=task
        )
        if best_epoch is not None:
            best_epoch += len(earlier.get("loss", []))
        self._adopt(state, join_histories(earlier, history), best_epoch)
        if self.calibrate:
            self._calibrate(data, validation)
        task.end()

    def _calibrate(self, data, validation):
        """Fit the temperature on the rows that were not trained on."""
        if validation is None:
            rows, *labels = data.held_out_part()
        else:
            rows, *labels = validation
        temperature = fit_temperature(self._row_logits(rows), *labels)
        self._adopt(self._state._replace(temperature=temperature), self.history_, None)

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
            If there is no parameter of a name; the nearest one is suggested.
        """
        try:
            return super().set_params(**params)
        except ValueError as error:
            question = suggest_name(params, self.get_params())
            raise ValueError(f"{error}{question}") from None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags


@contextmanager
def _all_or_nothing(estimator):
    """Leave the estimator as it was, where what is done to it fails."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
