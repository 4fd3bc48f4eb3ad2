"""The export of a chart: lines over steps, one column a run and metric. W&B names them `RUN - METRIC` and `…__MIN`."""

from __future__ import annotations

from lib.model.errors import InputError
from lib.sources.export.kinds.shape import RUNS_TABLE, Kind, Look, Shape, is_clock, is_counter

_ENDS = ("__MIN", "__MAX")
_SEPARATOR = " - "


def _read(look: Look) -> Shape | None:
    lines = _lines(look.names)
    if not lines:
        return None
    metrics = sorted({line.rsplit(_SEPARATOR, 1)[-1] for line in lines})
    shown = metrics[0] if len(metrics) == 1 else f"{metrics[0]} and others"
    of = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} of {shown}"
    raise InputError(
        f"{look.label} is the export of a chart ({of}): its rows are steps, not runs, and it holds no hyperparameters. "
        f"{RUNS_TABLE}"
    )


def _lines(names: tuple[str, ...]) -> list[str]:
    """Return the columns that are lines of a chart; none where the table is another one."""
    held = set(names)
    banded = [n for n in names if n + _ENDS[0] in held or n + _ENDS[1] in held]
    rest = [n for n in names[1:] if not n.endswith(_ENDS)]
    if banded and all(n in banded or _is_axis(n) or _SEPARATOR in n for n in rest):
        return banded
    joined = [n for n in rest if _SEPARATOR in n]
    first_is_axis = _is_axis(names[0]) or names[0].startswith(("column ", "Unnamed"))
    if joined and len(joined) == len(rest) and first_is_axis:
        return joined
    # Any axis will do where all columns beside it are runs' lines of few metrics.
    ends = {n.rsplit(_SEPARATOR, 1)[-1].strip() for n in joined}
    return joined if len(joined) >= 2 and len(joined) == len(rest) and len(ends) <= max(1, len(joined) // 2) else []


def _is_axis(name: str) -> bool:
    return is_counter(name) or is_clock(name)


CHART = Kind("chart", _read)
