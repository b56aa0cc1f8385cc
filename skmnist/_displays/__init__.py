"""Displays, and the statistics that they show."""
