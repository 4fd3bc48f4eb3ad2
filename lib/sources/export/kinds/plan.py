"""A plan: the settings of runs, perhaps with how far each is, but without any result."""

from __future__ import annotations

from lib.model.errors import InputError
from lib.sources.export.kinds.shape import RUNS_TABLE, Kind, Look, Shape, may_be_result

_PROGRESS = frozenset(("status", "state", "done", "todo", "progress", "assigned to", "assignee", "owner", "priority"))


def _read(look: Look) -> Shape | None:
    if look.chosen & set(look.names) or any(name.startswith(("summary", "metrics")) for name in look.lowered):
        return None
    columns = range(len(look.names))
    numeric = [at for at in columns if look.numbers(at) is not None]
    if not numeric or any(may_be_result(look.names[at]) for at in numeric):
        return None
    if any(may_be_result(look.names[at]) and look.diverged(at) for at in columns):
        return None
    # Without a column of how far each run is, what is missing may as well be the name of an unusual metric.
    if not _PROGRESS & set(look.lowered):
        return None
    raise InputError(
        f"{look.label} reads as a plan of {len(look.table):,} runs: it holds settings and how far each run is, but no "
        f"column reads as a result. {RUNS_TABLE} If one column is the result, name it: --metric NAME."
    )


PLAN = Kind("plan", _read)
