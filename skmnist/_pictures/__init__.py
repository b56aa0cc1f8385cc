"""From a picture file to its ink: loading, grayscale, binarization, components."""
