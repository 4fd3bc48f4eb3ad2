"""Tables of runs that other programs write: Optuna, Ray Tune, MLflow, scikit-learn's searches, Neptune, Ax, NNI.

Over 300 lines: one record a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.goal import Goal
from lib.model.numbers import count
from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.halving import halved
from lib.sources.export.kinds.shape import Kind, Look, Shape, reading_of, reads_as_result
from lib.sources.export.text_table import TextTable

_NEVER = frozenset[str]()
_ATTRIBUTE, _FEWEST_EQUAL = "user_attrs_", 5


@dataclass(frozen=True, slots=True)
class Layout:
    """How one program lays out its table: which columns it always has, and what the others are by their beginnings."""

    format: str
    says: str
    """What the table is called in sentences."""
    needs: frozenset[str]
    """Headings that are always there, in lower case."""
    needs_prefix: tuple[str, ...]
    """One column at least begins so."""
    config: tuple[str, ...]
    """How config columns begin."""
    summary: tuple[str, ...]
    """How columns of results begin."""
    roles: Mapping[str, str]
    """Run columns by the heading, in lower case, that holds them."""
    states: Mapping[str, str]
    """W&B's words for the states."""
    unused: frozenset[str] = _NEVER
    unused_prefixes: tuple[str, ...] = ()
    rest: Literal["config", "summary"] | None = None
    """What all other columns are; None where that is worked out."""
    result_first: bool = False
    """Whether the first of the other columns is the result, and those after it are parameters unless a name objects."""


_OPTUNA = Layout(
    "optuna",
    "Optuna's table of trials",
    needs=frozenset({"number", "state"}),
    needs_prefix=("params_", "param ", "param_"),
    config=("params_", "param ", "param_"),
    summary=("value", "values_", "value_", "objective ", "intermediate_values_"),
    roles={
        **{"number": "run_id", "trial_id": "run_id", "state": "state"},
        **{"datetime_start": "created_at", "datetime_complete": "heartbeat_at", "duration": "runtime"},
    },
    states={"complete": "finished", "fail": "failed", "pruned": "pruned", "running": "running", "waiting": "pending"},
    unused=frozenset({"trial_id", "study_id", "datetime_start", "datetime_complete", "duration"}),
    unused_prefixes=("user_attrs_", "system_attrs_", "userattribute", "constraint", "intermediate_values_"),
)
_RAY = Layout(
    "ray",
    "Ray Tune's table of results",
    needs=frozenset({"trial_id"}),
    needs_prefix=("config/",),
    config=("config/",),
    summary=(),
    roles={"trial_id": "run_id", "time_total_s": "runtime", "trial_name": "name", "status": "state"},
    states={"terminated": "finished", "error": "failed", "paused": "running"},
    unused=frozenset((
        "trial_id", "experiment_id", "experiment_tag", "date", "timestamp", "pid", "hostname", "node_ip", "done",
        "iterations_since_restore", "time_since_restore", "timesteps_since_restore", "time_this_iter_s", "warmup_time",
        "should_checkpoint", "checkpoint_dir_name", "logdir", "trial_name", "timesteps_total", "episodes_total",
        "trainable_name", "training_iteration", "time_total_s",
    )),
    rest="summary",
)  # fmt: skip
# As JSON, where a trial's config is an object.
_RAY_JSON = replace(_RAY, needs=_RAY.needs | {"training_iteration"}, needs_prefix=("config.",), config=("config.",))
_MLFLOW = Layout(
    "mlflow",
    "MLflow's table of runs",
    needs=frozenset({"run_id", "status"}),
    needs_prefix=("params.", "metrics."),
    config=("params.",),
    summary=("metrics.",),
    roles={
        **{"run_id": "run_id", "status": "state", "tags.mlflow.runname": "name"},
        **{"start_time": "created_at", "end_time": "heartbeat_at"},
    },
    states={"scheduled": "pending"},
    unused=frozenset({"experiment_id", "artifact_uri", "run_id", "start_time", "end_time", "run_name", "user_id"}),
    unused_prefixes=("tags.",),
)
_MLFLOW_PAGE = Layout(
    "mlflow",
    "the export of MLflow's page",
    needs=frozenset({"run id", "status", "start time"}),
    needs_prefix=("source type", "source name"),
    config=(),
    summary=(),
    roles={"run id": "run_id", "status": "state", "name": "name", "start time": "created_at", "duration": "runtime"},
    states={"scheduled": "pending"},
    unused=frozenset({"source type", "source name", "user", "version", "models", "experiment", "dataset"}),
)
_SKLEARN = Layout(
    "sklearn",
    "a table of scikit-learn's search (cv_results_)",
    needs=frozenset({"mean_fit_time"}),
    needs_prefix=("param_",),
    config=("param_",),
    summary=("mean_test_", "mean_train_", "std_test_", "std_train_"),
    roles={},
    states={},
    unused=frozenset((
        "params", "mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time", "iter", "n_resources",
    )),
    unused_prefixes=("rank_test_", *(f"split{i}_" for i in range(1000))),
)  # fmt: skip
_NEPTUNE = Layout(
    "neptune",
    "Neptune's table of runs",
    needs=frozenset({"sys/id"}),
    needs_prefix=("sys/",),
    config=("parameters/", "params/", "config/", "hyperparameters/", "hparams/"),
    summary=("metrics/", "results/"),
    roles={
        **{"sys/id": "run_id", "sys/name": "name", "sys/state": "state", "sys/creation_time": "created_at"},
        **{"sys/running_time": "runtime", "sys/ping_time": "heartbeat_at"},
    },
    states={"inactive": "finished", "active": "running"},
    unused_prefixes=("sys/", "monitoring/", "source_code/"),
)
_AX = Layout(
    "ax",
    "Ax's table of trials",
    needs=frozenset({"trial_index", "arm_name", "trial_status"}),
    needs_prefix=("arm_name",),
    config=(),
    summary=(),
    roles={"arm_name": "name", "trial_status": "state"},
    states={},
    unused=frozenset({"trial_index", "generation_method", "generation_node", "reason", "fail_reason"}),
    result_first=True,
)
_NNI = Layout(
    "nni",
    "NNI's table of trials",
    needs=frozenset({"trialjobid", "reward"}),
    needs_prefix=("intermediate",),
    config=(),
    summary=("reward",),
    roles={"trialjobid": "run_id", "status": "state", "duration": "runtime", "starttime": "created_at"},
    states={},
    unused=frozenset({"intermediatecount", "intermediate", "sequenceid", "logpath", "endtime"}),
    rest="config",
)
_DVC = Layout(
    "dvc",
    "DVC's table of experiments",
    needs=frozenset({"experiment", "rev"}),
    needs_prefix=("rev",),
    config=(),
    summary=(),
    roles={"experiment": "name", "rev": "run_id", "state": "state", "created": "created_at"},
    states={"success": "finished"},
    unused=frozenset({"typ", "parent", "executor", "path"}),
)
_TALOS = Layout(
    "talos",
    "Talos's table of rounds",
    needs=frozenset({"round_epochs", "duration"}),
    needs_prefix=("round_epochs",),
    config=(),
    summary=("round_epochs",),
    roles={"duration": "runtime"},
    states={},
    unused=frozenset({"start", "end"}),
)
LAYOUTS = (_TALOS, _DVC, _AX, _NNI, _OPTUNA, _RAY, _RAY_JSON, _MLFLOW, _MLFLOW_PAGE, _SKLEARN, _NEPTUNE)


def _reader(layout: Layout) -> Kind:
    def read(look: Look) -> Shape | None:
        lowered = look.lowered
        if not layout.needs <= set(lowered) or not any(name.startswith(layout.needs_prefix) for name in lowered):
            return None
        return _shaped(look, layout)

    return Kind(layout.format, read)


def _shaped(look: Look, layout: Layout) -> Shape:
    lowered, table = look.lowered, look.table
    roles: dict[str, int] = {}
    for name, role in layout.roles.items():
        if name in lowered and role not in roles:
            roles[role] = lowered.index(name)
    settled: dict[int, Verdict] = {}
    unused = {at for at in look.rank_columns() if at not in roles.values()}
    for at, name in enumerate(lowered):
        if at in roles.values() or at in unused:
            continue
        if name in layout.unused or name.startswith(layout.unused_prefixes or ("\0",)):
            unused.add(at)
        elif name.startswith(layout.config or ("\0",)):
            settled[at] = Verdict("config", f"its heading marks a hyperparameter in {layout.says}")
        elif name.startswith(layout.summary or ("\0",)) or layout.rest == "summary":
            settled[at] = Verdict("summary", f"a result in {layout.says}")
        elif layout.rest == "config":
            settled[at] = Verdict("config", f"a hyperparameter in {layout.says}")
        elif layout.result_first:
            first = not any(one.part == "summary" for one in settled.values())
            result = first or reads_as_result(look.names[at])
            settled[at] = Verdict("summary" if result else "config", f"by its place in {layout.says}", "likely")
    if "state" in roles:
        table = _with_states(table, roles["state"], layout.states)
    rounds: list[str] = []
    if layout is _SKLEARN and (in_rounds := halved(look)) is not None:
        table, at_state, said = in_rounds
        roles["state"] = at_state
        rounds = [said]
    if layout is _OPTUNA and "runtime" in roles:
        table = _with_short_durations(table, roles["runtime"])
    config, more = _objective(look, layout, settled)
    marked = bool(layout.config) or layout.rest == "config"
    how = "hyperparameters and results are as its headings mark them" if marked else "it marks no hyperparameters"
    if layout.result_first:
        how = "the first of its other columns is taken for the result, and the rest for hyperparameters"
    warning = f"{look.label} was read as {layout.says}: {how}."
    return Shape(layout.format, table, settled, roles, frozenset(unused), config, (warning, *more, *rounds))


def _objective(look: Look, layout: Layout, settled: Mapping[int, Verdict]) -> tuple[dict[str, Any] | None, list[str]]:
    """Return what is certain of the objective: Optuna's values, which are minimized unless the study says otherwise."""
    if layout is _SKLEARN:
        folds = len({n.split("_")[0] for n in look.lowered if n.startswith("split")})
        return None, [f"Each row is the mean over {folds} folds."] if folds else []
    if layout is not _OPTUNA:
        return None, []
    values = [look.names[at] for at in settled if look.lowered[at] == "value"]
    values = values or [look.names[at] for at in settled if look.lowered[at].startswith(("values_", "objective "))]
    unnamed = [name for name in values if name.lower() == "value" or name[-1:].isdigit()]
    if not values or unnamed != values:
        return None, []
    if len(values) == 1 and (copied := _copied_from(look, look.names.index(values[0]))) is not None:
        name, goal, trials = copied
        said = f"{values[0]} is the same as {name} in {trials}, which is to be {goal}d; so it is taken."
        return {"metric": {"name": values[0], "goal": goal}}, [said]
    said = (
        f"The table doesn't say whether {' or '.join(values)} is to be minimized or maximized: minimize is assumed, "
        "Optuna's default. Where the study maximizes, choose so (--goal maximize)."
    )
    # Without a goal, which W&B and Optuna alike take for minimize.
    metrics = [{"name": name} for name in values]
    return ({"metric": metrics[0]} if len(metrics) == 1 else {"metrics": metrics}), [said]


def _copied_from(look: Look, at: int) -> tuple[str, Goal, str] | None:
    """Return the user attribute that a study's value was stored as too, which way is better by its name, and where.

    It is the same in half of the trials at least: the value of others may be one for what failed.
    """
    value = look.numbers(at)
    for place, name in enumerate(look.names):
        if value is None or not name.startswith(_ATTRIBUTE):
            continue
        other, goal = look.numbers(place), reading_of(name.removeprefix(_ATTRIBUTE)).goal
        if other is None or goal is None:
            continue
        both = np.isfinite(value) & np.isfinite(other)
        same = both & np.isclose(value, other, rtol=1e-9, atol=0)
        if len(np.unique(value[same])) >= _FEWEST_EQUAL and 2 * same.sum() >= both.sum():
            every = same.sum() == both.sum()
            trials = "all trials that have both" if every else f"{same.sum()} of {count(int(both.sum()), 'trial')}"
            return name, goal, trials
    return None


def _with_states(table: TextTable, at: int, words: Mapping[str, str]) -> TextTable:
    """Write states in W&B's words; "TrialState.COMPLETE" is one, too."""
    states = pc.utf8_lower(table.columns[at])
    states = pc.replace_substring_regex(states, r"^\w+\.", "").dictionary_encode()
    said = pa.array([words.get(text, text) for text in states.dictionary.to_pylist()], type=pa.large_string())
    return _replaced(table, at, said.take(states.indices))


def _with_short_durations(table: TextTable, at: int) -> TextTable:
    """Write "0 days 00:00:30.5" as pandas prints times without its days where there are none."""
    return _replaced(table, at, pc.replace_substring_regex(table.columns[at], r"^0 days ", ""))


def _replaced(table: TextTable, at: int, column: pa.Array) -> TextTable:
    return replace(table, columns=(*table.columns[:at], column, *table.columns[at + 1 :]))


TRACKERS = tuple(_reader(layout) for layout in LAYOUTS)
