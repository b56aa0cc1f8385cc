"""Draw the badges in `_static/` from pyproject.toml.

`python docs/draw_badges.py` writes them. A test compares them with pyproject.toml.
"""

import re
import tomllib
from pathlib import Path

DOCS = Path(__file__).parent
CHARACTER, PADDING = 6.3, 10  # pixels
BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="20" role="img" \
aria-label="{name}: {value}">
  <rect width="{width:.0f}" height="20" rx="3" fill="#0b6aa2"/>
  <path d="M3 0H{left:.0f}V20H3A3 3 0 0 1 0 17V3A3 3 0 0 1 3 0Z" fill="#4b5563"/>
  <g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" \
text-anchor="middle">
    <text x="{middle_left:.0f}" y="14" textLength="{text_left:.0f}">{name}</text>
    <text x="{middle_right:.0f}" y="14" textLength="{text_right:.0f}">{value}</text>
  </g>
</svg>
"""


def draw_badge(name, value):
    """Return a badge as SVG: the name on gray, the value on blue."""
    text_left, text_right = (CHARACTER * len(text) for text in (name, value))
    left = text_left + PADDING
    return BADGE.format(
        name=name,
        value=value,
        width=left + text_right + PADDING,
        left=left,
        middle_left=left / 2,
        middle_right=left + (text_right + PADDING) / 2,
        text_left=text_left,
        text_right=text_right,
    )


def make_badges():
    """Return the badges: the name of each file, and its text."""
    content = (DOCS.parent / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(content)["project"]
    pattern = re.compile(r"Programming Language :: Python :: (3\.\d+)")
    versions = [m[1] for line in project["classifiers"] if (m := pattern.match(line))]
    python = " | ".join(versions)
    return {
        "badge_python.svg": draw_badge("Python", python),
        "badge_licence.svg": draw_badge("licence", project["license"]),
    }


if __name__ == "__main__":
    for name, text in make_badges().items():
        (DOCS / "_static" / name).write_text(text, encoding="utf-8")
