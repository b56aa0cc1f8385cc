"""Frames of a picture file: which of them are pages."""

import numpy as np

# Further frames of these are previews, depth maps or layers of the one picture.
_ONE_PICTURE_FORMATS = ("MPO", "PSD")
_NEW_SUBFILE_TYPE = 254  # TIFF 6.0: bit 0 marks a copy at a lower resolution
# Correlation of grey levels above which a smaller frame is a copy, not another page.
_COPY = 0.9


def list_frames(image):
    """Return the numbers of the frames of a PIL image that may be pages.

    Its present frame is left as it is.
    """
    n_frames = getattr(image, "n_frames", 1)
    if n_frames == 1 or image.format in _ONE_PICTURE_FORMATS:
        return [image.tell()]
    if image.format != "TIFF":
        return list(range(n_frames))
    start, frames = image.tell(), []
    for frame in range(n_frames):
        image.seek(frame)
        if not int(image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & 1:
            frames.append(frame)
    image.seek(start)
    return frames or [start]


def repeats(page, earlier):
    """Return whether a page is a smaller copy of an earlier one."""
    from PIL import Image

    sides, larger = np.array(page.shape), np.array(earlier.shape)
    scale = sides.max() / larger.max()
    if scale >= 1 or np.abs(sides - scale * larger).max() > 1:
        return False
    copy = Image.fromarray(earlier).resize(page.shape[::-1], Image.Resampling.BOX)
    copy = np.asarray(copy, np.float32)
    if not (np.ptp(copy) and np.ptp(page)):
        return False
    return np.corrcoef(copy.ravel(), page.ravel().astype(np.float32))[0, 1] > _COPY
