"""Hostile files and arrays: `python -m tests.fuzz --help`."""
