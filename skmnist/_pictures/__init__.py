"""From a picture file to grey levels: loading, frames, grayscale."""
