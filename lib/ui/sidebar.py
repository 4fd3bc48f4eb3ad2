"""The sidebar: what is open, and what is asked of it. Every choice is in the page's address, on every page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lib.loader import Request, load_report, load_sweep
from lib.model.errors import InputError, SourceUnavailable, SweepReportError
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import Choices, Sweep, goal_of
from lib.report.request import config_text, scales_of
from lib.sections.trade_off import AUTOMATIC
from lib.serving.uploads import RefusedUpload, Upload, readers
from lib.sources.join import distinct_names
from lib.sources.registry import SUFFIXES, file_forms, upload_types, where_files_are
from lib.sources.sample import SAMPLES
from lib.ui.objective_controls import draw_objective_controls
from lib.ui.selection import draw_selection
from lib.ui.uploads import WIDGET, admitted, let_go
from lib.ui.view import DEFAULT_SOURCE, View
from lib.ui.wandb_panel import (
    configured_server,
    current_access,
    draw_freshness,
    draw_histories,
    draw_key,
    draw_picker,
    draw_try_again,
    freshness_problem,
    progress_of_reading,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

STATES = ("finished", "running", "crashed", "failed", "killed", "preempted", "preempting", "pending", "unknown")
MOST_TOP = 200


def draw_sidebar(waiting: DeltaGenerator) -> View:
    """Draw the source and the choices, read what they name, and return the view.

    waiting : where it is shown how far a reading from W&B is: on the page, since phones fold the sidebar away.
    """
    try:
        request = _draw_source()
    except SweepReportError as error:
        return View(Request(()), None, _without_paths(str(error)))
    try:
        sweep = _read(request, waiting)
        choices = _draw_choices(sweep)
        draw_freshness(request, sweep)
        problem = None
        histories = bool(request.wandb_addresses()) and draw_histories()
        if histories or (choices.value != "last" and request.wandb_addresses()):
            try:
                with progress_of_reading(waiting) as show:
                    # Held until the report is made of it, whether or not it is small enough to be kept.
                    _whole = load_sweep(request, choices, show, histories=histories)
            except SourceUnavailable as error:
                # By its last values the report needs no histories: it is shown without them.
                if choices.value != "last":
                    raise
                histories, problem = False, f"{error} The histories were left out."
        report = load_report(request, choices, histories=histories)
        return View(request, report, problem or freshness_problem(request, sweep), histories, sweep)
    except SourceUnavailable as error:
        draw_try_again(request)
        return View(request, None, _without_paths(str(error)))
    except RefusedUpload as refused:
        let_go(refused.digest, str(refused))
        return View(Request(()), None, str(refused))
    except SweepReportError as error:
        return View(request, None, _without_paths(str(error)))


def _read(request: Request, waiting: DeltaGenerator) -> Sweep:
    if request.wandb_addresses():
        with progress_of_reading(waiting) as show:
            return load_sweep(request, Choices(), show)
    with st.spinner("Reading the runs …"):
        return load_sweep(request, Choices())


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


def _draw_source() -> Request:
    named, config = command_line_sources()
    default = named or (DEFAULT_SOURCE,)
    shown = _shown_names(default)
    files = {shown[source]: source for source in named}
    access = current_access(named)
    own = st.expander("Open your own sweep", icon=":material/folder_open:", key="own-sweep", on_change="rerun")
    if own.open:
        readers().prepare()
    with own:
        chosen = st.multiselect(
            "W&B address",
            options=list(dict.fromkeys((*shown.values(), *SAMPLES))),
            key="source",
            bind="query-params",
            accept_new_options=True,
            placeholder="ENTITY/PROJECT/SWEEP_ID, or its address",
            help="Type or paste ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, or the address of either, and press Enter. "
            "Several are joined into one report.",
        )
        draw_picker(access)
        draw_key(access)
        uploaded = st.file_uploader(
            f"or upload {file_forms()}",
            type=upload_types(),
            accept_multiple_files=True,
            key=WIDGET,
            help=where_files_are(),
        )
        config_file = st.file_uploader(
            "with its sweep config (YAML), if you have it",
            type=["yaml", "yml"],
            key="sweep-config",
            max_upload_size=1,
        )
        st.caption("or on the command line:")
        # Not st.code: every page would have the browser load 1.5 MB that colours program text.
        st.markdown("`streamlit run streamlit_app.py -- SOURCE`")
    own_config = None
    if config_file is not None:
        own_config = config_file.getvalue().decode("utf-8-sig", errors="replace")
    uploads = admitted(uploaded)
    sources = tuple(files.get(name, name) for name in chosen) if chosen else () if uploads else default
    _say_what_is_shown(tuple(shown.get(source, source) for source in sources), uploads)
    return Request(
        sources,
        uploads,
        own_config,
        config_of_named=config,
        files_allowed=named,
        access=access,
        base_url=configured_server(),
    )


def _say_what_is_shown(sources: tuple[str, ...], uploads: tuple[Upload, ...]) -> None:
    st.caption("Showing")
    for name in (*sources, *(u.name for u in uploads)):
        st.text(name)
    if sources == (DEFAULT_SOURCE,) and not uploads:
        st.caption("A bundled sample: 160 small U-Nets, trained for this app.")
    if uploads:
        st.caption("An uploaded file can't be shared by link; send a snapshot from the Data page instead.")


def _shown_names(named: tuple[str, ...]) -> dict[str, str]:
    """Return sources as visitors see them, by what they are: of files of the server the names alone, each another."""
    distinct = list(dict.fromkeys(named))
    names = [Path(one).name if one.lower().endswith(SUFFIXES) else one for one in distinct]
    return dict(zip(distinct, distinct_names(names), strict=True))


def _without_paths(text: str) -> str:
    """Return a sentence for visitors: files of the server have their names alone."""
    for named in sys.argv[1:]:
        if named.lower().endswith((*SUFFIXES, ".yaml", ".yml")):
            text = text.replace(named, Path(named).name)
    return text


def _draw_choices(sweep: Sweep) -> Choices:
    controls = draw_objective_controls(sweep)
    sweep = controls.sweep
    config, summary = [str(c) for c in sweep.config.columns], [str(c) for c in sweep.summary.columns]
    metrics = numeric_metrics(sweep)
    # A run table marks no sides: a column read as config may be the metric, and the other way round.
    metrics += [c for c in config if c not in metrics and sweep.origin.kind == "csv"]
    metric = st.selectbox(
        "Objective",
        options=metrics,
        index=None,
        key="metric",
        bind="query-params",
        placeholder="as the sweep declares",
        help="The metric that runs are ranked by.",
    )
    goal = st.segmented_control(
        "Goal",
        options=[AUTOMATIC, "maximize", "minimize"],
        default=AUTOMATIC,
        required=True,
        key="goal",
        bind="query-params",
        help="Auto: as the sweep declares, otherwise inferred from the metric's name.",
    )
    present = set(sweep.runs["state"])
    states = st.multiselect(
        "Run states",
        options=[*STATES, *sorted(present - set(STATES))],
        key="states",
        bind="query-params",
        placeholder="finished",
        help="Runs in other states are left out and counted on the Data page.",
    )
    top = st.number_input("Top runs", 1, MOST_TOP, 10, key="top", bind="query-params")
    parameters = st.multiselect(
        "Hyperparameters",
        options=config + [c for c in summary if c not in config and sweep.origin.kind == "csv"],
        key="parameters",
        bind="query-params",
        placeholder="as searched",
        help="Which config keys count as searched: by default those of the sweep config, otherwise those that vary.",
    )
    numeric = [c for c in config if pd.api.types.is_numeric_dtype(sweep.config[c])]
    scales = st.multiselect(
        "Scales",
        options=[f"{name}:{scale}" for name in numeric for scale in ("log", "linear")],
        key="scales",
        bind="query-params",
        placeholder="as searched",
        help="By default as the sweep config declares it, else the one on which the tried values are more even.",
    )
    filters = draw_selection(sweep)
    if controls.problem is not None:
        raise controls.problem
    return Choices(
        metric=metric,
        goal=goal_of(goal),
        parameters=tuple(parameters) or None,
        states=tuple(states) or None,
        top=int(top),
        filters=filters,
        value=controls.value,
        derive=controls.derive,
        seeds=controls.seeds,
        scales=scales_of(scales),
    )
