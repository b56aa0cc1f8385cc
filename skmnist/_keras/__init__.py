"""The only door to TensorFlow, Keras and scikeras; imported when needed."""
