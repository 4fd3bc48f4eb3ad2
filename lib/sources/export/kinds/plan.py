"""A plan: the settings of runs, perhaps with how far each is, but without any result."""

from __future__ import annotations

import pyarrow.compute as pc

from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.sources.export.kinds.shape import RUNS_TABLE, Kind, Look, Shape, may_be_result, reads_as_result

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
    empty = [name for at, name in enumerate(look.names) if reads_as_result(name) and not _has_text(look, at)]
    if empty:
        raise InputError(
            f"{look.label} holds no result yet: {listing(empty, most=3)} {'is' if len(empty) == 1 else 'are'} empty in "
            f"each of its {len(look.table):,} rows. Export the table again once a run has logged it; if another column "
            "is the result, name it: --metric NAME."
        )
    raise InputError(
        f"{look.label} reads as a plan of {len(look.table):,} runs: it holds settings and how far each run is, but no "
        f"column reads as a result. {RUNS_TABLE} If one column is the result, name it: --metric NAME."
    )


def _has_text(look: Look, at: int) -> bool:
    return any(text.strip() for text in pc.unique(look.table.columns[at]).to_pylist())


PLAN = Kind("plan", _read)
