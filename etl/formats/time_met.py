"""What a column of times was taken for."""

from dataclasses import dataclass

from etl.config.time_shapes import Shape

# A column in which fewer values fit than this has another shape.
MOST = 0.5
# What fits this much less often than the best does not fit as well.
WORSE = 0.02


@dataclass(frozen=True)
class Met:
    """What a column was taken for.

    `shape` is None where several fit and nothing decides, and of times of day, which are no point
    in time (`is_clock`). `is_late`: whether its times lie after 1970, so that one of 1970 is none:
    0 for nothing, or another unit. `is_sure`: whether the values are times that are plausible;
    seconds from a beginning that is not told are not. `by_source`: what decided was the shape
    that the source had. `doubts`: sentences about what is to be told; each ends in what to do.
    `other`: the shape of the values that are written in another way, numbers beside words: none
    can be taken for the other.
    """

    shape: Shape | None
    is_late: bool = False
    is_sure: bool = True
    is_clock: bool = False
    by_source: bool = False
    doubts: tuple[str, ...] = ()
    other: Shape | None = None
