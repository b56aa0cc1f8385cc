"""Images and labels: MNIST, the bundled digits, MNIST's form, files."""
