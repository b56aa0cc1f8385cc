"""From pages to digits and numbers: detection, text lines, cutting, tables."""
