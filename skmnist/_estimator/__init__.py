"""MNISTClassifier, PixelScaler, saved files, recipes, pretrained networks."""
