"""Training without Keras: data, augmentation, schedules and the dense kernel."""
