"""Pages that look written by a person and photographed."""
