"""What the trainings in Keras have in common."""

import keras

# Loshchilov and Hutter, "SGDR", ICLR 2017: the learning rate rises over some steps,
# then falls along a cosine to a hundredth.
_LAST = 0.01
_WEIGHT_DECAY, _CLIP = 1e-4, 3.0


def limit_threads(n_threads):
    """Let the backend use some threads, and compute the same bits each time."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(n_threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(n_threads)
        # Not all of what is needed has such a form on a GPU.
        torch.use_deterministic_algorithms(not torch.cuda.is_available())


def make_optimizer(learning_rate, n_steps, warm_up):
    """Return AdamW with its schedule.

    Parameters
    ----------
    learning_rate : float
        The highest.
    n_steps, warm_up : int
        Of the training, and of these those in which the rate rises.

    Returns
    -------
    keras.optimizers.AdamW
        With clipped gradients.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        n_steps - warm_up,
        alpha=_LAST,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(
        rate, weight_decay=_WEIGHT_DECAY, global_clipnorm=_CLIP
    )
