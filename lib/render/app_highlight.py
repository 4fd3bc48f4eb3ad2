"""The runs that are highlighted on every chart: conditions in the visitor's session and in the address.

A brush or a click sets them, and they change no statistic. Whatever draws a chart asks here for its key, which changes
when its brush is to be forgotten: when other runs are highlighted by another chart, or none are any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from lib.charts.marks import PICK
from lib.charts.picks import Reader
from lib.charts.run_marks import ROW
from lib.model.choices import Condition, Filter
from lib.model.filters import condition_of, runs_filter, text_of, with_filters
from lib.model.sweep import Sweep
from lib.render.app_choices import held, take

HIGHLIGHT = "light"
_EPOCHS, _ORIGIN, _SEEN = "_chart_epochs", "_highlighted_by", "_chart_events"


def chart_key(name: str) -> str:
    """Return the widget key of a chart of this name."""
    return f"chart-{name}-{st.session_state.get(_EPOCHS, {}).get(name, 0)}"


def brushed(
    name: str, sweep: Sweep, clicks: Sequence[str], reader: Reader | None, *, adds: bool = False
) -> Callable[[], None]:
    """Return the callback of a chart whose brush or clicks choose runs.

    clicks : its selections of runs. reader : turns its brush into filters. adds : whether what is brushed next narrows
    what is highlighted, as along another axis; else it takes its place.
    """
    key = chart_key(name)

    def changed() -> None:
        event = st.session_state.get(key)
        picked: dict[str, Any] = dict(event["selection"]) if event else {}
        seen = st.session_state.setdefault(_SEEN, {})
        before: dict[str, Any] = seen.get(key, {})
        seen[key] = picked
        rows = [point[ROW] for one in clicks for point in picked.get(one) or [] if isinstance(point.get(ROW), int)]
        clicked_before = [point for one in clicks for point in before.get(one) or []]
        if rows and (picked.get(PICK) == before.get(PICK) or not picked.get(PICK) or len(rows) > len(clicked_before)):
            ids = sweep.runs["run_id"].iloc[[row for row in rows if 0 <= row < len(sweep)]]
            highlight([runs_filter(list(dict.fromkeys(ids)))], name)
            return
        found = list(reader(picked)) if reader else []
        if found:
            highlight(found, name, adds=adds)
        elif not adds and st.session_state.get(_ORIGIN) == name:
            clear_highlight(again=False)

    return changed


def highlight(conditions: Iterable[Condition], name: str | None = None, *, adds: bool = False) -> None:
    """Highlight the runs that meet all conditions. To be called in callbacks alone.

    name : the chart in which they were chosen. adds : whether they are added to those that stand.
    """
    standing = held(HIGHLIGHT) or () if adds else ()
    take(HIGHLIGHT, with_filters(standing, conditions))
    origin = st.session_state.get(_ORIGIN)
    if origin is not None and origin != name:
        renew(origin)
    st.session_state[_ORIGIN] = name


def clear_highlight(*, again: bool = True) -> None:
    """Highlight nothing. To be called in callbacks alone. again : draw the chart of the brush again, without it."""
    take(HIGHLIGHT, [])
    origin = st.session_state.pop(_ORIGIN, None)
    if origin is not None and again:
        renew(origin)


def free_highlight(column: str) -> None:
    """Take the conditions on one column out of the highlight. To be called in callbacks alone."""
    kept = []
    for text in held(HIGHLIGHT) or ():
        one = condition_of(text)
        if not (isinstance(one, Filter) and one.column == column):
            kept.append(text_of(one))
    take(HIGHLIGHT, kept)


def forget_brushes() -> None:
    """Have the chart in which something was brushed drawn again without it. To be called in callbacks alone."""
    origin = st.session_state.pop(_ORIGIN, None)
    if origin is not None:
        renew(origin)


def renew(name: str) -> None:
    """Have a chart drawn again with nothing brushed or clicked in it. To be called in callbacks alone."""
    epochs: dict[str, int] = st.session_state.setdefault(_EPOCHS, {})
    epochs[name] = epochs.get(name, 0) + 1


Mask = np.ndarray | None
"""Whether each run of the sweep is highlighted, shape (runs,); None where nothing is."""
