"""What charts and tables of a page add to the one selection of the whole report, kept in the visitor's session."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from lib.charts.marks import PICK
from lib.model.choices import Condition
from lib.model.filters import runs_filter, with_filters
from lib.render.app_choices import held, take
from lib.render.app_highlight import highlight

KEY = "only"
# Tables show no more rows than that; what follows can't be chosen.
MOST_ROWS_SHOWN = 1_000
_CHOSEN = "_chosen_in_tables"
# In the address: the run whose own view is open over the page, or the few that are shown side by side.
RUN = "run"
MOST_COMPARED = 5
_HOW = "Click a row's box at the left edge; by keyboard, go there with the arrows and press Shift and Space."
# The part of every page that holds that view.
RUNS_VIEW = "runs-view"


def choose(chart_key: str, control: str, options: Sequence[str]) -> Callable[[], None]:
    """Return the callback of a chart in which a click on a mark chooses an option of a control, by the field "y"."""

    def chosen() -> None:
        event = st.session_state.get(chart_key)
        for point in (event["selection"].get(PICK) or []) if event else []:
            at = point.get("y")
            if isinstance(at, int) and 0 <= at < len(options):
                st.session_state[control] = options[at]

    return chosen


def add(filters: Iterable[Condition]) -> None:
    """Add filters to the selection. To be called in callbacks alone."""
    take(KEY, with_filters(held(KEY) or (), filters))
    st.session_state.pop(_CHOSEN, None)


def clear() -> None:
    """Go back to all runs. To be called in callbacks alone."""
    take(KEY, [])


def rows_key(name: str, run_ids: Sequence[str], first_chosen: Sequence[int] = ()) -> str:
    """Return the key of a table of runs: another one for other runs, so that chosen rows stay with their runs."""
    runs = repr((len(run_ids), list(run_ids[:MOST_ROWS_SHOWN]), list(first_chosen)))
    return f"rows-{name}-{hashlib.sha1(runs.encode()).hexdigest()[:10]}"


def chosen_runs(name: str, run_ids: Sequence[str], first_chosen: Sequence[int] = ()) -> tuple[str, ...]:
    """Return the ids of the runs whose rows are chosen in the table of `show_table`, also before it is drawn."""
    event = st.session_state.get(rows_key(name, run_ids, first_chosen))
    rows = event["selection"]["rows"] if event else first_chosen
    return tuple(run_ids[row] for row in rows if row < len(run_ids))


def first_rows(name: str, run_ids: Sequence[str], given: Sequence[int] = ()) -> Sequence[int]:
    """Return the rows of a table that are chosen at first: those given, else of the runs that were chosen last.

    A table of other runs (one more has finished) is another table to Streamlit; chosen runs stay chosen in it.
    """
    held: dict[str, tuple[str, tuple[int, ...], tuple[str, ...]]] = st.session_state.setdefault(_CHOSEN, {})
    if given:
        held.pop(name, None)
        return given
    of, (was, first, chosen) = rows_key(name, run_ids), held.get(name, ("", (), ()))
    if was != of:
        first = tuple(row for row, run_id in enumerate(run_ids[:MOST_ROWS_SHOWN]) if run_id in chosen)
    held[name] = (of, first, chosen_runs(name, run_ids, first))
    return first


def open_runs(run_ids: Sequence[str]) -> None:
    """Open the view of one run, or of a few side by side. To be called in callbacks alone.

    Nothing else of the page changes, so only the part that holds the view runs again.
    """
    name_runs(run_ids)
    st.rerun(RUNS_VIEW)


def name_runs(run_ids: Sequence[str]) -> None:
    """Have the address name the runs whose view is open. To be called in callbacks alone."""
    st.query_params[RUN] = list(run_ids)


def open_from_row(key: str, run_ids: Sequence[str]) -> None:
    """Open the run whose name was clicked in a table. To be called in callbacks alone.

    key : the key of the column of names. run_ids : the run of each row, "" where there is none.
    """
    clicked = st.session_state.get(key)
    if clicked is not None and clicked["row"] < len(run_ids) and run_ids[clicked["row"]]:
        open_runs((run_ids[clicked["row"]],))


def draw_row_buttons(name: str, chosen: tuple[str, ...]) -> None:
    """Draw the buttons that open, compare, highlight, keep or leave out the runs chosen in a table."""
    with st.container(horizontal=True, gap="small"):
        several = len(chosen) > 1
        st.button(
            f"Compare {len(chosen)}" if 1 < len(chosen) <= MOST_COMPARED else "Compare" if several else "Open",
            key=f"open-{name}",
            on_click=open_runs,
            args=(chosen,),
            disabled=not 1 <= len(chosen) <= MOST_COMPARED,
            icon=":material/compare_arrows:" if several else ":material/open_in_full:",
            help=None if 1 <= len(chosen) <= MOST_COMPARED else f"Choose one row, or two to {MOST_COMPARED}. {_HOW}",
        )
        st.button(
            "Highlight",
            key=f"highlight-{name}",
            on_click=highlight,
            args=([runs_filter(chosen)],),
            disabled=not chosen,
            icon=":material/highlight:",
            help="Shows these runs on every chart; changes no statistic." if chosen else f"Choose rows first. {_HOW}",
        )
        for word, exclude in (("Keep only", False), ("Exclude", True)):
            st.button(
                f"{word} {len(chosen):,} chosen" if chosen else f"{word} chosen rows",
                key=f"{word}-{name}",
                on_click=add,
                args=([runs_filter(chosen, exclude=exclude)],),
                disabled=not chosen,
                icon=":material/filter_alt_off:" if exclude else ":material/filter_alt:",
                help=None if chosen else f"Choose rows first. {_HOW}",
            )
