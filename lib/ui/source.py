"""What is open: the popover "source" of the line on top of every page, and what was named on the command line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.installed import APP_COMMAND
from lib.loader import Request
from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.report.request import config_text
from lib.serving.kept_uploads import UploadSet
from lib.serving.uploads import readers
from lib.sources.join import distinct_names
from lib.sources.registry import SUFFIXES, file_forms, upload_types, where_files_are
from lib.sources.sample import SAMPLES
from lib.ui.kept_uploads import (
    NOTHING,
    draw_gone,
    draw_kept,
    drop_own,
    joined,
    linked,
    linked_names,
    replace_gone,
)
from lib.ui.uploads import CONFIG_WIDGET, WIDGET, admitted, listed_names, widget_key
from lib.ui.view import DEFAULT_SOURCE
from lib.ui.wandb_panel import configured_server, current_access, draw_key, draw_picker

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# The key of the popover "source": whether it is open.
POPOVER = "own-sweep"
_LONGEST_LABEL = 48


def command_line_sources(arguments: list[str] | None = None) -> tuple[tuple[str, ...], str | None]:
    """Read what was named after `streamlit run streamlit_app.py --`: sources, and the text of a `--sweep-config`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    config = None
    if "--sweep-config" in given:
        at = given.index("--sweep-config")
        if at + 1 == len(given):
            raise InputError("--sweep-config takes the path of a W&B sweep config (YAML).")
        config = config_text(given[at + 1])
        del given[at : at + 2]
    return tuple(given), config


def source_name() -> str:
    """Return what is open in a few words, as the popover and the browser's tab name it; before any widget is drawn."""
    chosen = st.session_state.get("source", st.query_params.get_all("source"))
    names = [*chosen, *linked_names(), *listed_names()]
    if not names:
        named, _ = command_line_sources()
        names = list(_shown_names(named or (DEFAULT_SOURCE,)).values())
    text = listing(names, most=2)
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL // 2]}…{text[-_LONGEST_LABEL // 2 + 1 :]}"


def request_at_start() -> Request:
    """Return what a visitor who asks for nothing sees, without a visitor. Raises InputError."""
    named, config = command_line_sources()
    sources = named or (DEFAULT_SOURCE,)
    return Request(sources, config_of_named=config, files_allowed=named, base_url=configured_server())


@dataclass(frozen=True, slots=True)
class Opened:
    """What is open."""

    request: Request
    uploads: UploadSet
    """The uploads among it, and the sweep config beside them."""
    own: bool
    """Whether some of them were uploaded in this visit, rather than all found by the address."""


def open_source_popover() -> None:
    """Open the popover in which another source is opened. To be called in callbacks alone."""
    st.session_state[POPOVER] = True


def draw_source(asking: DeltaGenerator) -> Opened:
    """Draw what opens another source, and return what is open. To be called within its popover. Raises InputError.

    asking : an empty place on the page, for uploads that the address leads to and that are gone.
    """
    named, config = command_line_sources()
    default = named or (DEFAULT_SOURCE,)
    shown = _shown_names(default)
    files = {shown[source]: source for source in named}
    access = current_access(named)
    about = st.container()
    chosen = st.multiselect(
        "W&B address",
        options=list(dict.fromkeys((*shown.values(), *SAMPLES))),
        key="source",
        bind="query-params",
        accept_new_options=True,
        # Enter on an empty field would choose it, and read every source there is.
        select_all=False,
        placeholder="ENTITY/PROJECT/SWEEP_ID, or its address",
        help="Type or paste ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, or the address of either, and press Enter. "
        "Several are joined into one report.",
    )
    draw_picker(access)
    draw_key(access)
    before, gone = NOTHING, None
    try:
        before = linked()
    except InputError as error:
        gone = error
    with asking.container() if gone is not None else st.container():
        if gone is not None:
            draw_gone()
        own = _draw_uploads()
    if gone is not None:
        if own.names:
            replace_gone()
        raise gone
    if not own.names:
        drop_own()
    st.caption("or on the command line:")
    # Not st.code: every page would have the browser load 1.5 MB that colours program text.
    st.markdown(f"`{APP_COMMAND} SOURCE`")
    held = joined(before, own)
    uploads = held.files
    sources = tuple(files.get(name, name) for name in chosen) if chosen else () if uploads else default
    with about:
        _say_what_is_shown(tuple(shown.get(source, source) for source in sources), held)
    request = Request(
        sources,
        uploads,
        held.sweep_config,
        config_of_named=config,
        files_allowed=named,
        access=access,
        base_url=configured_server(),
    )
    return Opened(request, held, own=bool(own.names))


def _draw_uploads() -> UploadSet:
    """Draw what takes files, and return what they hold. Raises InputError for a file that is refused."""
    uploaded = st.file_uploader(
        f"or upload {file_forms()}",
        type=upload_types(),
        accept_multiple_files=True,
        key=widget_key(WIDGET),
        help=where_files_are(),
    )
    config = st.file_uploader(
        "with its sweep config (YAML), if you have it",
        type=["yaml", "yml"],
        key=widget_key(CONFIG_WIDGET),
        max_upload_size=1,
    )
    if config is None:
        return UploadSet(admitted(uploaded))
    text = config.getvalue().decode("utf-8-sig", errors="replace")
    return UploadSet(admitted(uploaded), text, config.name)


def prepare_readers() -> None:
    """Start what reads uploads, for visitors who may upload a file soon."""
    readers().prepare()


def _say_what_is_shown(sources: tuple[str, ...], uploads: UploadSet) -> None:
    st.caption("Showing")
    for name in (*sources, *uploads.names):
        st.text(name)
    if sources == (DEFAULT_SOURCE,) and not uploads.names:
        st.caption("A bundled sample: 160 small U-Nets, trained for this app.")
    if uploads.names:
        draw_kept(uploads)
    st.markdown("**Open your own sweep**")


def _shown_names(named: tuple[str, ...]) -> dict[str, str]:
    """Return sources as visitors see them, by what they are: of files of the server the names alone, each another."""
    distinct = list(dict.fromkeys(named))
    names = [Path(one).name if one.lower().endswith(SUFFIXES) else one for one in distinct]
    return dict(zip(distinct, distinct_names(names), strict=True))


def without_paths(text: str) -> str:
    """Return a sentence for visitors: files of the server are named without their folders."""
    for named in sys.argv[1:]:
        if named.lower().endswith((*SUFFIXES, ".yaml", ".yml")):
            text = text.replace(named, Path(named).name)
    return text
