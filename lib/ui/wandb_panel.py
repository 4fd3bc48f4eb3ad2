"""The W&B part of what opens a source: whose key, which sweep, how old the data is, and when to ask again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from lib.loader import Request, request_key
from lib.model.errors import InputError, SweepReportError
from lib.model.numbers import duration
from lib.model.sweep import Sweep
from lib.render.app_choices import take
from lib.render.app_text import prose
from lib.serving.wandb_readings import TooSoon, listed, read_again, status, try_again
from lib.sources.address import parse_address
from lib.sources.readings import Show
from lib.sources.wandb.access import (
    Access,
    access_from_settings,
    base_url_from_settings,
    permitted_entities,
    visitor_access,
)
from lib.sources.wandb.listing import ProjectEntry, SweepEntry, list_entities, list_projects, list_sweeps
from lib.sources.wandb.place import KEY_PAGE
from lib.sources.wandb.refresh import is_final

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_OWN_ACCESS = "_own_access"
HISTORIES = "histories"
REFRESH = {"off": None, "30 s": 30, "1 min": 60, "5 min": 300}


def current_access(named: tuple[str, ...]) -> Access | None:
    """Return the visitor's own access where they typed a key, else the owner's; None without any key.

    named : sources from the command line, which the owner's key may open besides what is allowed.
    Raises InputError for settings that can't be meant.
    """
    own: Access | None = st.session_state.get(_OWN_ACCESS)
    if own is not None:
        return own
    addresses = []
    for text in named:
        try:
            addresses.append(parse_address(text, base_url=configured_server(), files_allowed=True))
        except InputError:
            continue  # It is said where the source itself is opened.
    return access_from_settings(os.environ, _secrets(), named=addresses)


def configured_server() -> str | None:
    """Return the W&B server of the settings, None for the SDK's own default. Raises InputError."""
    return base_url_from_settings(os.environ, _secrets())


def draw_key(access: Access | None) -> None:
    """Draw the field for a visitor's own key. The key lives in this session alone, until it is forgotten."""
    if st.session_state.get(_OWN_ACCESS) is not None:
        st.caption("Your own W&B key is used, in this session only.")
        st.button("Forget my key", on_click=_forget_key, icon=":material/key_off:")
        return
    with st.form("own-key", clear_on_submit=True, border=False):
        key = st.text_input(
            "Your W&B API key" if access is None else "Use your own W&B API key",
            type="password",
            autocomplete="off",
            placeholder=f"from {KEY_PAGE}",
            help="Held in this session's memory only: never in the address, a log, a file, or anyone else's session.",
        )
        if st.form_submit_button("Use this key", icon=":material/key:"):
            try:
                st.session_state[_OWN_ACCESS] = visitor_access(key, configured_server())
            except InputError as error:
                st.error(prose(str(error)))
            else:
                st.rerun()


def draw_picker(access: Access | None) -> None:
    """Draw lists of what the key may open: entity, project, sweep. Nothing is asked of W&B before it is switched on."""
    if access is None or permitted_entities(access) == ():
        return
    if not st.toggle("Choose from a list", key="choose-from-list"):
        return
    try:
        entities: tuple[str, ...]
        with progress_of_reading() as show:
            entities = listed(("entities",), access, lambda: list_entities(access), show)
        entity = st.selectbox("Entity", entities, index=None, key="pick-entity")
        if entity is None:
            return
        projects: tuple[ProjectEntry, ...]
        with progress_of_reading() as show:
            projects = listed(("projects", entity), access, lambda: list_projects(access, entity), show)
        project = st.selectbox(
            "Project",
            projects,
            index=None,
            key="pick-project",
            format_func=lambda p: p.name,
            placeholder="type to search",
        )
        if project is None:
            return
        sweeps: tuple[SweepEntry, ...]
        with progress_of_reading() as show:
            wanted = ("sweeps", entity, project.name)
            sweeps = listed(wanted, access, lambda: list_sweeps(access, entity, project.name), show)
        chosen = st.selectbox(
            "Sweep", sweeps, index=None, key="pick-sweep", format_func=_sweep_label, placeholder="type to search"
        )
        address = chosen.address if chosen is not None else project.address
        label = "Open this sweep" if chosen is not None else "Open the whole project"
        st.button(label, on_click=_open_source, args=(address,), icon=":material/open_in_browser:")
    except SweepReportError as error:
        st.error(prose(str(error)))


def draw_freshness(request: Request, sweep: Sweep) -> None:
    """Say how old the data is, offer to read it again, and refresh it automatically if the reader asks for it."""
    if not status(request):
        return
    over = is_final(sweep)
    chosen = st.selectbox(
        "Auto-refresh",
        list(REFRESH),
        key="refresh",
        bind="query-params",
        help="Asks W&B only for runs that changed. A finished sweep is not asked for again.",
    )
    seconds = None if over else REFRESH[chosen or "off"]
    drawn = request_key(request)

    @st.fragment(run_every=seconds)
    def freshness() -> None:
        if request_key(request) != drawn:
            st.rerun()  # Another visitor's refresh, or one that went on after its page was left, brought newer data.
        due = [time.time() - standing.asked_at for _, standing in status(request)]
        read_at = _read_at(sweep)
        if seconds is not None and min([age_of(read_at), *due]) >= seconds - 1:
            with progress_of_reading() as show, suppress(TooSoon):
                read_again(request, show)
            st.rerun()
        st.caption(f"Read {duration(age_of(read_at))} ago" + (" · the sweep is finished" if over else ""))

    freshness()
    changed = st.button("Refresh", icon=":material/refresh:", help="Ask W&B now for what changed.")
    everything = st.button(
        "Reload everything",
        type="tertiary",
        help="Also reads runs that were renamed, tagged or edited after they ended.",
    )
    if changed or everything:
        try:
            with progress_of_reading() as show:
                read_again(request, show, whole=everything)
        except TooSoon as soon:
            st.caption(prose(str(soon)))
        else:
            st.rerun()


def draw_histories() -> bool:
    """Draw the choice whether runs' histories are read too, and return it. It is in the address."""
    return st.toggle(
        "Step-by-step histories",
        key=HISTORIES,
        bind="query-params",
        help="Reads what each run logged step by step, one request a run: learning curves, early stopping, and the "
        "best value of each run beside its last.",
    )


def ask_for_histories() -> None:
    """Switch reading of histories on. To be called in callbacks alone."""
    take(HISTORIES, True)


def freshness_problem(request: Request, sweep: Sweep) -> str | None:
    """Say what went wrong when W&B was asked last, and how old the data on the page is; None where all is well."""
    problems = [standing.problem for _, standing in status(request) if standing.problem]
    if not problems:
        return None
    return f"{problems[0]} What is shown here was read {duration(age_of(_read_at(sweep)))} ago."


@contextmanager
def progress_of_reading(where: DeltaGenerator | None = None) -> Iterator[Show]:
    """Give what draws how far a reading from W&B is, "320 of 480 runs", and clear it at the end.

    where : an empty place for that; None for here. Where the visitor goes on meanwhile, this script ends at the next
    drawing; the reading goes on, for the next one who asks.
    """
    bar = None

    def show(share: float, text: str) -> None:
        nonlocal bar
        bar = (where or st).progress(share, text) if bar is None else bar.progress(share, text)

    try:
        yield show
    except SweepReportError:
        if bar is not None:
            bar.empty()
        raise
    if bar is not None:
        bar.empty()


def draw_try_again(request: Request) -> None:
    """Offer to ask W&B again for what could not be read: without that, it is asked again after half a minute."""
    if request.wandb_addresses() and st.button("Try again", icon=":material/refresh:"):
        try:
            try_again(request)
        except TooSoon as soon:
            st.caption(prose(str(soon)))
        else:
            st.rerun()


def age_of(moment: datetime | None) -> float:
    """Return the seconds since a moment; 0 where it isn't known."""
    return max(0.0, (datetime.now(UTC) - moment).total_seconds()) if moment else 0.0


def _read_at(sweep: Sweep) -> datetime | None:
    if not sweep.origin.fetched_at:
        return None
    moment = datetime.fromisoformat(sweep.origin.fetched_at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _secrets() -> dict[str, object]:
    try:
        return {"wandb": st.secrets["wandb"]} if "wandb" in st.secrets else {}
    except StreamlitSecretNotFoundError:
        return {}


def _forget_key() -> None:
    st.session_state.pop(_OWN_ACCESS, None)


def _open_source(address: str) -> None:
    take("source", [address])


def _sweep_label(sweep: SweepEntry) -> str:
    runs = "" if sweep.runs is None else f", {sweep.runs:,} runs"
    created = f", {sweep.created_at:%Y-%m-%d}" if sweep.created_at else ""
    return f"{sweep.name} ({sweep.state}{runs}{created})"
