"""The HTML report on a network, in one file."""
