"""Fonts with free licences, each from a Debian package.

They are found by the names of their files below the folder of the system's fonts.
`python -m detector.fonts` in the folder `pretraining` prints the command that installs
them.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ImageFont

FOLDER = Path("/usr/share/fonts")
_ALL = "0123456789-.,/:"

# Package -> files, without their endings. Print that is trained on.
PRINT = {
    "fonts-3270": ["3270-Regular"],
    "fonts-cabin": ["Cabin-Regular", "Cabin-Bold"],
    "fonts-cantarell": ["Cantarell-Regular", "Cantarell-ExtraBold"],
    "fonts-comfortaa": ["Comfortaa-Regular"],
    "fonts-courier-prime": ["Courier Prime"],
    "fonts-dejavu-core": ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif"],
    "fonts-dejavu-extra": ["DejaVuSans-ExtraLight", "DejaVuSansCondensed"],
    "fonts-ebgaramond": ["EBGaramond12-Regular"],
    "fonts-freefont-ttf": ["FreeSerif", "FreeSansBold", "FreeMono"],
    "fonts-jetbrains-mono": ["JetBrainsMono-Regular", "JetBrainsMono-Bold"],
    "fonts-jura": ["Jura-Regular", "Jura-Bold"],
    "fonts-lato": ["Lato-Regular", "Lato-Black", "Lato-Light", "Lato-Italic"],
    "fonts-league-spartan": ["LeagueSpartan-Bold"],
    "fonts-liberation": [
        "LiberationSans-Regular",
        "LiberationSans-Bold",
        "LiberationSans-Italic",
        "LiberationSerif-Regular",
        "LiberationSerif-Bold",
        "LiberationSansNarrow-Regular",
        "LiberationMono-Regular",
    ],
    "fonts-noto-core": ["NotoSans-Regular", "NotoSans-Bold", "NotoSerif-Regular"],
    "fonts-noto-mono": ["NotoSansMono-Regular"],
    "fonts-ocr-a": ["OCRA"],
    "fonts-ocr-b": ["OCRB"],
    "fonts-quicksand": ["Quicksand-Medium"],
    "fonts-roboto-unhinted": ["Roboto-Regular", "Roboto-Bold", "RobotoCondensed-Light"],
    "fonts-sil-gentiumplus": ["GentiumPlus-Regular"],
}

# Print for tests only: none of these families is trained on.
HELD_OUT = {
    "fonts-crosextra-caladea": ["Caladea-Regular", "Caladea-Bold"],
    "fonts-crosextra-carlito": ["Carlito-Regular", "Carlito-Bold"],
    "fonts-hack": ["Hack-Regular", "Hack-Bold"],
    "fonts-inconsolata": ["Inconsolata"],
    "fonts-linuxlibertine": ["LinBiolinum_R", "LinLibertine_RB"],
    "fonts-open-sans": ["OpenSans-Regular", "OpenSans-Bold", "OpenSans-CondLight"],
    "fonts-roboto-slab": ["RobotoSlab-Regular"],
}

# Digits of displays; those of seven segments have neither comma nor slash.
DISPLAY = {
    "fonts-dotgothic16": ["DotGothic16-Regular"],
    "fonts-dseg": [
        "DSEG7Classic-Regular",
        "DSEG7Classic-BoldItalic",
        "DSEG7Modern-Regular",
        "DSEG7Modern-Light",
        "DSEG14Classic-Bold",
        "DSEG14Modern-Regular",
    ],
}

# Fonts that look written by hand.
HANDWRITING = {
    "fonts-breip": ["Breip"],
    "fonts-bwht": [
        "BecauseWeBuild-Regular",
        "BecauseWeCreate-Regular",
        "BecauseWeLearn-Regular",
        "BecauseWeOrganize-Regular",
    ],
    "fonts-dancingscript": ["DancingScript-Regular"],
    "fonts-dkg-handwriting": ["dkg"],
    "fonts-ecolier-court": ["Ecolier-court"],
    "fonts-humor-sans": ["Humor-Sans"],
    "fonts-kiloji": ["kiloji"],
    "fonts-klee": ["KleeOne-Regular"],
    "fonts-rufscript": ["Rufscript010"],
    "fonts-sjfonts": ["Delphine", "SteveHand"],
    "fonts-yusei-magic": ["YuseiMagic-Regular"],
}
GROUPS = (PRINT, HELD_OUT, DISPLAY, HANDWRITING)


@dataclass(frozen=True)
class Face:
    """A font's file.

    Parameters
    ----------
    path : str
        The file.
    characters : str
        What it has of digits and the signs between them.
    """

    path: str
    characters: str = _ALL

    @functools.cached_property
    def size_of_digits(self):
        """Height of an eight, as a fraction of the font's size."""
        _, top, _, bottom = _load(self.path, 200).getbbox("8", anchor="ls")
        return (bottom - top) / 200

    def render(self, character, height):
        """Draw a character.

        Parameters
        ----------
        character : str
            One character.
        height : float
            Height of a digit, pixels.

        Returns
        -------
        alpha : ndarray of shape (h, w), float32
            Coverage.
        left, top : int
            Where its first pixel lies, seen from the place on the line where the
            character begins.
        advance : float
            Pixels to the next character.
        """
        font = _load(self.path, max(round(height / self.size_of_digits), 4))
        mask, (left, top) = font.getmask2(character, "L", anchor="ls")
        alpha = np.array(mask, np.float32).reshape(mask.size[::-1]) / 255
        return alpha, int(left), int(top), font.getlength(character)


@functools.lru_cache(maxsize=400)
def _load(path, size):
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def find_faces(group, folder=FOLDER):
    """Find a group's fonts.

    Parameters
    ----------
    group : dict of str to list of str
        Package -> files without their endings.
    folder : path
        Where fonts lie.

    Returns
    -------
    list of Face
        In the group's order.

    Raises
    ------
    FileNotFoundError
        If a font is missing, naming its package.
    """
    known = {path.stem: str(path) for path in sorted(Path(folder).rglob("*.[ot]tf"))}
    faces = []
    for package, names in group.items():
        for name in names:
            if name not in known:
                raise FileNotFoundError(
                    f"{name!r} is missing: install the Debian package {package!r}."
                )
            is_segments = name.startswith("DSEG7")
            faces.append(Face(known[name], "0123456789-:" if is_segments else _ALL))
    return faces


if __name__ == "__main__":
    packages = sorted({package for group in GROUPS for package in group})
    print("apt-get install --no-install-recommends", *packages)
