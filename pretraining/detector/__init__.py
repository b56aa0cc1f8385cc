"""Pages drawn to train the detector of digits on, and its training."""
