"""From ink to digits: single digits, page layout, touching digits."""
