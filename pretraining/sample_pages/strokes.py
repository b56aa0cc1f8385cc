"""Skeletons as a pen writes them: strokes that run on smoothly through crossings."""

from collections import Counter
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

# Heights of a digit: shorter ends beside a junction are the thinning's, not the hand's.
_SPUR = 0.11

# Heights of a digit: distance of the points of a stroke, below a pixel on most pages.
_STEP = 1 / 60

# Heights of a digit: standard deviation over which a stroke is smoothed. The pixels of
# a digit 20 high disappear, its curves stay.
_SMOOTHING = 0.045

# Points along a path by which its direction at a junction is known.
_REACH = 7

# Cosine of the angle between two paths that leave a junction: below it they are one
# stroke, which turns by 60 degrees at most.
_STRAIGHT = -0.5


class Strokes:
    """The strokes of a character.

    Parameters
    ----------
    skeleton : Skeleton
        What is written.

    Attributes
    ----------
    lines : list of ndarray of shape (n_points, 2), float32
        x and y along each stroke, in heights of a digit; the first point of a closed
        one is its last.
    n_ends, n_junctions : int
        Of the skeleton's lines.
    """

    def __init__(self, skeleton):
        points, edges = _contract(skeleton.points.astype(float), skeleton.edges)
        paths = _find_paths(edges)
        for _ in range(3):  # a spur may hide another
            spurs = _find_spurs(points, paths)
            if not spurs:
                break
            paths = [path for k, path in enumerate(paths) if k not in spurs]
            edges = [pair for path in paths for pair in pairwise(path)]
            paths = _find_paths(edges)
        degrees = Counter(node for edge in edges for node in edge)
        self.n_ends = sum(degree == 1 for degree in degrees.values())
        self.n_junctions = sum(degree > 2 for degree in degrees.values())
        paths = _join_straight(points, paths)
        self.lines = [_smooth(points[path]) for path in paths]

    def width(self):
        """Return the width, in heights."""
        xs = np.concatenate(self.lines)[:, 0]
        return float(xs.max() - xs.min())


def _contract(points, edges):
    """Make one point of the junction points that touch each other."""
    degrees = np.bincount(edges.ravel(), minlength=len(points))
    heads = np.arange(len(points))
    for a, b in edges:
        if degrees[a] > 2 and degrees[b] > 2:
            heads[heads == heads[b]] = heads[a]
    for head in np.unique(heads):
        points[head] = points[heads == head].mean(axis=0)
    joined = {tuple(sorted(pair)) for pair in heads[edges].tolist()}
    return points, sorted(pair for pair in joined if pair[0] != pair[1])


def _find_paths(edges):
    """Return the paths between ends and junctions, and the rings without any."""
    neighbours = {}
    for a, b in edges:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    left = {frozenset(edge) for edge in edges}
    stops = [node for node, around in neighbours.items() if len(around) != 2]
    paths = []
    for start in stops + list(neighbours):
        for second in neighbours[start]:
            if frozenset((start, second)) not in left:
                continue
            path = [start, second]
            left.discard(frozenset(path))
            while len(neighbours[path[-1]]) == 2 and path[-1] != start:
                a, b = neighbours[path[-1]]
                path.append(b if a == path[-2] else a)
                left.discard(frozenset(path[-2:]))
            paths.append(path)
    return paths


def _find_spurs(points, paths):
    """Return which paths are short and lead from a junction to nowhere."""
    ends = Counter(node for path in paths for node in (path[0], path[-1]))
    found = set()
    for k, path in enumerate(paths):
        counts = sorted((ends[path[0]], ends[path[-1]]))
        if counts[0] == 1 and counts[1] > 2 and _length(points[path]) < _SPUR:
            found.add(k)
    return found


def _join_straight(points, paths):
    """Join the paths that run on straight through a junction."""
    meetings = {}
    for k, path in enumerate(paths):
        for at_start in (True, False):
            there = path if at_start else path[::-1]
            away = points[there[min(_REACH, len(there) - 1)]] - points[there[0]]
            away = away / max(np.hypot(*away), 1e-9)
            meetings.setdefault(there[0], []).append(((k, at_start), away))
    pairs = []
    for met in meetings.values():
        for i, (one, way) in enumerate(met):
            for other, other_way in met[i + 1 :]:
                if one[0] != other[0] and way @ other_way < _STRAIGHT:
                    pairs.append((float(way @ other_way), one, other))
    links = {}
    for _, one, other in sorted(pairs):
        if one not in links and other not in links:
            links[one], links[other] = other, one
    return _chain(paths, links)


def _chain(paths, links):
    """Follow the links from path to path, first where there is a free end."""
    left, chains = set(range(len(paths))), []
    ends = [(k, at_start) for k in range(len(paths)) for at_start in (True, False)]
    for first in [end for end in ends if end not in links] + ends:
        if first[0] not in left:
            continue
        chain, end = [], first
        while end is not None and end[0] in left:
            k, at_start = end
            left.discard(k)
            path = paths[k] if at_start else paths[k][::-1]
            chain = chain + path[bool(chain) :]
            end = links.get((k, not at_start))
        chains.append(chain)
    return chains


def _smooth(points):
    """Set points at even distances along a line, and smooth it."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    n_points = max(int(along[-1] / _STEP), 2) + 1
    places = np.linspace(0, along[-1], n_points)
    even = np.stack([np.interp(places, along, axis) for axis in points.T], axis=1)
    sigma = _SMOOTHING / _STEP
    if np.allclose(points[0], points[-1]):
        ring = gaussian_filter1d(even[:-1], sigma, axis=0, mode="wrap")
        return np.concatenate([ring, ring[:1]]).astype(np.float32)
    # Turned about its ends, the line goes on as it began, so the ends stay.
    reach = min(int(4 * sigma), n_points - 1)
    before = 2 * even[0] - even[reach:0:-1]
    after = 2 * even[-1] - even[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, even, after])
    smoothed = gaussian_filter1d(longer, sigma, axis=0)[reach : reach + n_points]
    return smoothed.astype(np.float32)


def _length(points):
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
