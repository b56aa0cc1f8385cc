"""What trains the recognizer, which says what the things that were detected are."""
