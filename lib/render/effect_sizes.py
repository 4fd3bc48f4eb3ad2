"""Which size of an effect a written format tells: the gain, or how many times better where results span decades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Effects = Sequence[Mapping[str, Any]]


def by_times(effects: Effects) -> bool:
    """Whether all claimed effects of the JSON report whose size is known have one in times; all effects if none has.

    The gain of a loss over decades in its own units is that of the worst runs, and says nothing of good ones.
    """
    sized = [one for one in effects if one["gain"] is not None]
    sized = [one for one in sized if one["claimed"]] or sized
    return bool(sized) and all(one["times"] is not None for one in sized)


def size_of(effect: Mapping[str, Any], times: bool) -> tuple[float | None, float | None, float | None]:
    """Return the size of an effect and its 95 % interval: numbers of times, or gains in the objective's units."""
    kind = "times" if times else "gain"
    return effect[kind], effect[f"{kind}_low"], effect[f"{kind}_high"]
