"""Strokes, skeletons, blurs and warps of small pictures, compiled."""

import math

import numba
import numpy as np


@numba.njit(cache=True)
def draw_segments(alpha, points, edges, radii, softness):
    """Lay round-ended segments of a pen onto a coverage map.

    Parameters
    ----------
    alpha : ndarray of shape (h, w), float32
        Coverage, 0 to 1, raised in place where a segment covers more.
    points : ndarray of shape (n_points, 2), float32
        x and y in pixels; the first pixel reaches from 0 to 1.
    edges : ndarray of shape (n_edges, 2), integer
        The points that each segment joins.
    radii : ndarray of shape (n_edges,), float32
        Half the width of each segment, pixels.
    softness : float
        Pixels over which the coverage falls from 1 to 0 at a segment's edge.
    """
    height, width = alpha.shape
    for k in range(len(edges)):
        ax, ay = points[edges[k, 0]]
        bx, by = points[edges[k, 1]]
        dx, dy, radius = bx - ax, by - ay, radii[k]
        square, reach = max(dx * dx + dy * dy, 1e-9), radius + softness
        top = max(math.floor(min(ay, by) - reach), 0)
        bottom = min(math.ceil(max(ay, by) + reach), height)
        left = max(math.floor(min(ax, bx) - reach), 0)
        right = min(math.ceil(max(ax, bx) + reach), width)
        for y in range(top, bottom):
            for x in range(left, right):
                px, py = x + 0.5 - ax, y + 0.5 - ay
                t = min(max((px * dx + py * dy) / square, 0.0), 1.0)
                distance = math.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2)
                covered = min((radius - distance) / softness + 0.5, 1.0)
                if covered > alpha[y, x]:
                    alpha[y, x] = covered


@numba.njit(cache=True)
def blur(image, sigma):
    """Blur with a Gaussian; beyond the border lies its last pixel.

    Parameters
    ----------
    image : ndarray of shape (h, w), float32
        A picture.
    sigma : float
        Standard deviation in pixels.

    Returns
    -------
    ndarray of shape (h, w), float32
        A new picture.
    """
    height, width = image.shape
    reach = math.ceil(2.5 * sigma)
    taps = np.empty(2 * reach + 1, np.float32)
    for k in range(len(taps)):
        taps[k] = math.exp(-0.5 * ((k - reach) / sigma) ** 2)
    taps /= taps.sum()
    rows = np.zeros((height, width), np.float32)
    for k in range(len(taps)):
        for y in range(height):
            source = min(max(y + k - reach, 0), height - 1)
            for x in range(width):
                rows[y, x] += taps[k] * image[source, x]
    result = np.zeros((height, width), np.float32)
    padded = np.empty(width + 2 * reach, np.float32)
    for y in range(height):
        padded[:reach] = rows[y, 0]
        padded[reach : reach + width] = rows[y]
        padded[reach + width :] = rows[y, width - 1]
        for k in range(len(taps)):
            for x in range(width):
                result[y, x] += taps[k] * padded[x + k]
    return result


@numba.njit(cache=True)
def warp(image, matrix, height, width):
    """Look a picture up through a projective map, linearly between pixels.

    Parameters
    ----------
    image : ndarray of shape (h, w), float32
        A picture; beyond the border lies its last pixel.
    matrix : ndarray of shape (3, 3), float64
        From the result's x, y, 1 to the picture's, up to a factor.
    height, width : int
        Of the result.

    Returns
    -------
    ndarray of shape (height, width), float32
        A new picture.
    """
    last_row, last_column = image.shape[0] - 1, image.shape[1] - 1
    result = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            u, v = x + 0.5, y + 0.5
            scale = matrix[2, 0] * u + matrix[2, 1] * v + matrix[2, 2]
            sx = (matrix[0, 0] * u + matrix[0, 1] * v + matrix[0, 2]) / scale - 0.5
            sy = (matrix[1, 0] * u + matrix[1, 1] * v + matrix[1, 2]) / scale - 0.5
            sx = min(max(sx, 0.0), float(last_column))
            sy = min(max(sy, 0.0), float(last_row))
            column, row = int(sx), int(sy)
            right, below = min(column + 1, last_column), min(row + 1, last_row)
            fx, fy = sx - column, sy - row
            upper = image[row, column] * (1 - fx) + image[row, right] * fx
            lower = image[below, column] * (1 - fx) + image[below, right] * fx
            result[y, x] = upper * (1 - fy) + lower * fy
    return result


@numba.njit(cache=True)
def thin(mask):
    """Thin a shape to lines one pixel wide, in place.

    Zhang and Suen, "A fast parallel algorithm for thinning digital patterns",
    Communications of the ACM 27, 1984.

    Parameters
    ----------
    mask : ndarray of shape (h, w), uint8
        1 inside the shape, 0 outside and along the border.
    """
    height, width = mask.shape
    doomed = np.zeros((height, width), np.bool_)
    around = np.zeros(9, np.uint8)
    changed = True
    while changed:
        changed = False
        for half in range(2):
            doomed[:] = False
            for y in range(1, height - 1):
                for x in range(1, width - 1):
                    if not mask[y, x]:
                        continue
                    around[0], around[1] = mask[y - 1, x], mask[y - 1, x + 1]
                    around[2], around[3] = mask[y, x + 1], mask[y + 1, x + 1]
                    around[4], around[5] = mask[y + 1, x], mask[y + 1, x - 1]
                    around[6], around[7] = mask[y, x - 1], mask[y - 1, x - 1]
                    around[8] = around[0]
                    n_around, n_rises = 0, 0
                    for k in range(8):
                        n_around += around[k]
                        n_rises += around[k + 1] > around[k]
                    if n_rises != 1 or n_around < 2 or n_around > 6:
                        continue
                    if half == 0:
                        keep = around[0] & around[2] & around[4]
                        keep |= around[2] & around[4] & around[6]
                    else:
                        keep = around[0] & around[2] & around[6]
                        keep |= around[0] & around[4] & around[6]
                    if not keep:
                        doomed[y, x] = True
                        changed = True
            for y in range(height):
                for x in range(width):
                    if doomed[y, x]:
                        mask[y, x] = 0
