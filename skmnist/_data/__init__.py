"""Data sets, images of any accepted shape, MNIST's form, and safe file writing."""
