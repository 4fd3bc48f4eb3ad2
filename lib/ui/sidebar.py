"""The sidebar: what is open, and what is asked of it. Every choice is in the page's address, on every page."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lib.loader import Request, Upload, load_report, load_sweep
from lib.model.errors import InputError, SourceUnavailable, SweepReportError
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import Choices, Sweep, goal_of
from lib.report import Report
from lib.report.request import scales_of
from lib.sources.address import SAMPLES
from lib.ui.objective_controls import draw_objective_controls
from lib.ui.selection import draw_selection
from lib.ui.wandb_panel import (
    configured_server,
    current_access,
    draw_freshness,
    draw_histories,
    draw_key,
    draw_picker,
    freshness_problem,
    with_progress,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

DEFAULT_SOURCE = "sample"
STATES = ("finished", "running", "crashed", "failed", "killed", "preempted", "preempting", "pending", "unknown")
AUTOMATIC = "auto"
MOST_TOP = 200


@dataclass(frozen=True, eq=False)
class View:
    """What a visitor has open: the report, or the sentence that says why there is none or why it is old."""

    request: Request
    report: Report | None
    problem: str | None
    # Whether W&B's histories were asked for.
    histories: bool = False
    # The sweep as it is without any choice: what the sidebar offers comes of it with each run, so it is held.
    sweep: Sweep | None = None

    @property
    def on_the_sample(self) -> bool:
        """Whether the visitor sees what the app opens on by itself."""
        return self.request.sources == (DEFAULT_SOURCE,) and not self.request.uploads


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
                with_progress(lambda progress: load_sweep(request, choices, progress, histories=histories), waiting)
            except SourceUnavailable as error:
                # By its last values the report needs no histories: it is shown without them.
                if choices.value != "last":
                    raise
                histories, problem = False, f"{error} The histories are left out."
        report = load_report(request, choices, histories=histories)
        return View(request, report, problem or freshness_problem(request, sweep), histories, sweep)
    except SweepReportError as error:
        return View(request, None, _without_paths(str(error)))


def _read(request: Request, waiting: DeltaGenerator) -> Sweep:
    if request.wandb_addresses():
        return with_progress(lambda progress: load_sweep(request, Choices(), progress), waiting)
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
        path = Path(given[at + 1])
        try:
            config = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise InputError(f"The sweep config {str(path)!r} can't be read. Check the path.") from None
        del given[at : at + 2]
    return tuple(given), config


def _draw_source() -> Request:
    named, config = command_line_sources()
    default = named or (DEFAULT_SOURCE,)
    files = {_shown(source): source for source in named}
    access = current_access(named)
    with st.expander("Open your own sweep", icon=":material/folder_open:", key="own-sweep", on_change="rerun"):
        chosen = st.multiselect(
            "W&B address",
            options=list(dict.fromkeys((*map(_shown, default), *SAMPLES))),
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
            "or a W&B run-table export (CSV), or a snapshot (Parquet)",
            type=["csv", "parquet"],
            accept_multiple_files=True,
            key="upload",
            help="On the sweep's page on W&B: the table, then its download button, then CSV.",
        )
        config_file = st.file_uploader(
            "with its sweep config (YAML), if you have it", type=["yaml", "yml"], key="sweep-config"
        )
        st.caption("or on the command line:")
        # Not st.code: every page would have the browser load 1.5 MB that colours program text.
        st.markdown("`streamlit run streamlit_app.py -- SOURCE`")
    own_config = None
    if config_file is not None:
        own_config = config_file.getvalue().decode("utf-8-sig", errors="replace")
    uploads = tuple(_upload(file.name, file.getvalue()) for file in uploaded)
    sources = tuple(files.get(name, name) for name in chosen) if chosen else () if uploads else default
    _say_what_is_shown(sources, uploads)
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
    for name in (*(_shown(source) for source in sources), *(u.name for u in uploads)):
        st.text(name)
    if sources == (DEFAULT_SOURCE,) and not uploads:
        st.caption("A bundled sample: 160 small U-Nets that were really trained.")
    if uploads:
        st.caption("An uploaded file can't be shared by link; send a snapshot (Data page) instead.")


def _shown(source: str) -> str:
    """Return a source as visitors see it: of a file of the server its name alone."""
    return Path(source).name if source.lower().endswith((".csv", ".parquet")) else source


def _without_paths(text: str) -> str:
    """Return a sentence for visitors: files of the server go by their names alone."""
    for named in sys.argv[1:]:
        if named.lower().endswith((".csv", ".parquet", ".yaml", ".yml")):
            text = text.replace(named, Path(named).name)
    return text


def _upload(name: str, content: bytes) -> Upload:
    return Upload(name, hashlib.sha256(content).hexdigest(), content)


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
        help="Auto: as the sweep declares, else by the metric's name.",
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
        help="Which config keys count as searched; by default those of the sweep config, else those that vary.",
    )
    numeric = [c for c in config if pd.api.types.is_numeric_dtype(sweep.config[c])]
    scales = st.multiselect(
        "Scales",
        options=[f"{name}:{scale}" for name in numeric for scale in ("log", "linear")],
        key="scales",
        bind="query-params",
        placeholder="as searched",
        help="By default log where the sweep config says so, or where values span two decades; else linear.",
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
