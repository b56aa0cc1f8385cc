"""Figures, and the statistics in them."""
