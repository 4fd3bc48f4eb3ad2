"""Finds the columns of a run table that are W&B's own record of a run (name, state, …) and reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import as_number
from lib.model.metric_names import words_of
from lib.model.numbers import count
from lib.model.sweep import FIRST_TIME, LAST_TIME, LONGEST_RUNTIME
from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.run_states import are_states, state_of

# Run column: how W&B's website heads it, then other spellings, best first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "run_id": ("ID", "Run ID", "run_id", "runid", "_id", "model_ids", "model_id", "trial_id"),
    "name": ("Name", "Run Name", "run_name", "display_name", "displayName", "Run", "run"),
    "state": ("State", "Status", "run_state", "run_status", "trial_status", "job_status", "exit_status"),
    "created_at": (
        "Created",
        "Created At",
        "created_at",
        "createdAt",
        "Start Time",
        "Started",
        "start_time",
        "startTime",
        "CreationTime",
    ),
    "heartbeat_at": (
        "Last Heartbeat",
        "Updated",
        "heartbeat_at",
        "heartbeatAt",
        "updated_at",
        "updatedAt",
        "End Time",
        "end_time",
        "endTime",
    ),
    "runtime": ("Runtime", "Duration", "Elapsed", "Elapsed Time"),
    "sweep": ("Sweep", "Sweep ID", "sweep_id", "Sweep Name", "sweep_name"),
    "group": ("Group",),
    "tags": ("Tags",),
    "url": ("URL", "Run URL", "run_url", "Link"),
}
# Headed so by W&B's website, and of no use to a report.
_OTHER = {
    "notes", "user", "username", "job type", "jobtype", "job_type", "hostname", "host", "description", "report",
    "github", "git commit", "git state", "commit", "command", "agent", "project", "entity", "os", "operating system",
    "python", "python version", "python executable", "cpu count", "gpu count", "gpu type", "run queue", "artifacts",
}  # fmt: skip
# Of several times of one kind one is read; the others are none of a report's business either.
_TIMES = frozenset(
    heading for role in ("created_at", "heartbeat_at") for heading in _HEADINGS[role] if heading[0].isupper()
)
_PLAIN_WORDS = {"run_id", "runid", "run_name", "created_at", "createdat", "heartbeat_at", "heartbeatat", "sweep_id"}
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPELLED = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])[a-z]*\s*")
_LONGEST_TIME = 60
_FEWEST_NAMED, _LONGEST_NAME = 4, 100
_NUMBERING = frozenset(("column 1", "Unnamed: 0", "index", "level_0"))
_HASHES = frozenset(("hash", "sha", "commit", "id", "uid", "uuid"))
# Headings that read as a setting's, and say as well what a run is called.
_OF_RUNS = frozenset((
    "name", "config", "configuration", "cfg", "setting", "variant", "experiment", "exp", "run", "trial", "job", "task",
    "case", "candidate", "hash", "sha", "commit", "label", "key", "tag",
))  # fmt: skip
# As SageMaker and others head them: TrainingJobName, TrainingJobStatus.
_ENDINGS = {"name": "name", "state": "status"}
# Or nested in a record: result.status, info.state.
_JOBS = frozenset(("training", "train", "tuning", "job", "trial", "task", "run", "result", "results", "info", "meta"))
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")


def find_metadata(names: Sequence[str], columns: Sequence[pa.Array]) -> tuple[dict[str, int], set[int]]:
    """Return which column holds which run column, and the positions of W&B columns that a report doesn't use.

    Headings are taken in any case. But where the file is headed as the website does it (`Name`, `State`), a lower-case
    `name` or `group` beside those is a config key or a metric, unless its spelling can mean nothing else.
    """
    as_website = any(name in ("Name", "State", "Created", "Runtime") for name in names)
    lowered = [name.lower() for name in names]
    found: dict[str, int] = {}
    for role, headings in _HEADINGS.items():
        for heading in headings:
            at = _position(heading, names, lowered, as_website)
            if at is not None and at not in found.values() and _may_be(role, names[at], columns[at]):
                found[role] = at
                break
    for role, ending in _ENDINGS.items():
        if role not in found and not as_website:
            at = next((at for at, name in enumerate(names) if _is_of_a_job(name, ending)), None)
            if (
                at is not None
                and at not in found.values()
                and _may_be("run_id" if role == "name" else role, "", columns[at])
            ):
                found[role] = at
    other = {at for at in (0,) if at not in found.values() and _numbers_rows(names[at], columns[at])}
    other |= {
        at
        for at, name in enumerate(names)
        if at not in found.values()
        and (name in _TIMES or (lowered[at] in _OTHER and as_website and name != lowered[at]))
    }
    return found, other


def _is_of_a_job(name: str, ending: str) -> bool:
    """Whether a heading is that of a job's name or status: TrainingJobName, trial status."""
    *of, last = words_of(name) or ("",)
    return last == ending and bool(of) and _JOBS.issuperset(of)


def names_without_heading(names: Sequence[str], columns: Sequence[pa.Array]) -> int | None:
    """Return the first column where it names the runs, whatever its heading; None where it doesn't.

    It has short text of its own in each row, and no heading of a result: text that differs in each run makes no levels.
    """
    first = next((at for at in (0, 1) if at < len(names) and not _numbers_rows(names[at], columns[at])), None)
    if first is None or (weight_of_name(names[first]) > 0 and not _OF_RUNS.issuperset(words_of(names[first]))):
        return None
    cells = columns[first].to_pylist()
    if len(cells) < _FEWEST_NAMED or len(set(cells)) < len(cells) or "" in cells or any(c[0] in "[{(" for c in cells):
        return None
    figures = sum(map(_begins_as_number, cells)) >= 0.5 * len(cells) and _HASHES.isdisjoint(words_of(names[first]))
    return None if figures or max(map(len, cells)) > _LONGEST_NAME else first


def reads_as_setting(name: str) -> bool:
    """Whether a heading is a setting's, and not as well what a run is called: `model`, but not `config`.

    The name of a model calls its run, and is what was compared all the same.
    """
    return weight_of_name(name) < 0 and not _OF_RUNS.issuperset(words_of(name))


def run_table(found: Mapping[str, int], columns: Sequence[pa.Array], rows: int) -> tuple[pd.DataFrame, list[str], bool]:
    """Read the run columns, one row a run. Returns the table, warnings, and whether runs had an id or a name at all.

    Times are ISO 8601 or seconds (or milliseconds) since 1970; runtimes are seconds, "1h 2m 3s" or "1:02:03".
    """
    table = pd.DataFrame(index=pd.RangeIndex(rows))
    warnings: list[str] = []
    for role, at in found.items():
        if role in ("created_at", "heartbeat_at"):
            table[role], unread = _times(columns[at])
        elif role == "runtime":
            table[role], unread = _seconds(columns[at])
        else:
            table[role], unread = pd.Series(pd.array(columns[at], dtype="str")), 0
        if unread:
            what = "runtime" if role == "runtime" else "time"
            they_are = "it is" if unread == 1 else "they are"
            warnings.append(f"{count(unread, what)} could not be read, so {they_are} treated as unknown.")
    if "url" in table:
        table["url"] = table["url"].where(table["url"].str.match(r"https?://[^\s]+$"), "")
    names = table["name"] if "name" in table else pd.Series("", index=table.index, dtype="str")
    ids = table["run_id"] if "run_id" in table else pd.Series("", index=table.index, dtype="str")
    table["run_id"] = ids.where(ids != "", names)
    unknown = (table["run_id"] == "").to_numpy()
    if unknown.any():
        table.loc[unknown, "run_id"] = _numbered(columns, unknown)
    return table, warnings, bool((~unknown).any())


def _position(heading: str, names: Sequence[str], lowered: Sequence[str], as_website: bool) -> int | None:
    if heading in names:
        return names.index(heading)
    wanted = heading.lower()
    if wanted not in lowered:
        return None
    at = lowered.index(wanted)
    return None if as_website and names[at] == wanted and wanted not in _PLAIN_WORDS else at


def _may_be(role: str, name: str, column: pa.Array) -> bool:
    """Whether the content of a column that was not headed as W&B does it fits what it would be."""
    filled = column.filter(pc.not_equal(column, ""))
    if name in {headings[0] for headings in _HEADINGS.values()}:
        # What an environment shows of itself is its State as well.
        return role != "state" or len(filled) == 0 or any(state_of(word) for word in pc.unique(filled).to_pylist())
    if len(filled) == 0:
        return False
    if role == "state":
        return are_states(filled)
    if role == "run_id" or name.lower() == "run":
        return pc.count_distinct(filled).as_py() == len(column)
    if role in ("created_at", "heartbeat_at"):
        return bool(_times(filled)[0].notna().any())
    if role == "runtime":
        return bool(_seconds(filled)[0].notna().any())
    return True


def _begins_as_number(text: str) -> bool:
    return text.lstrip("+-$€~<>≈ ")[:1].isdigit()


def _numbers_rows(name: str, column: pa.Array) -> bool:
    """Whether this is the unnamed column of 0, 1, 2, … that pandas writes before the others."""
    return name in _NUMBERING and column.to_pylist() == [str(i) for i in range(len(column))]


def _times(column: pa.Array) -> tuple[pd.Series, int]:
    text = pd.Series(pd.array(column, dtype="str"))
    known = text != ""
    text = text.where(text.str.len() <= _LONGEST_TIME, "not a time")
    numbers = pd.to_numeric(text.where(known), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    times = pd.to_datetime(text.where(known & np.isnan(numbers)), format="ISO8601", utc=True, errors="coerce")
    times = times.astype("datetime64[ms, UTC]")
    odd = known & np.isnan(numbers) & times.isna()
    if odd.any():
        mixed = pd.to_datetime(text[odd], format="mixed", utc=True, errors="coerce")
        times[odd] = mixed.astype("datetime64[ms, UTC]")
    epoch = np.isfinite(numbers) & (np.abs(numbers) < 1e16) & (np.abs(numbers) > 1e8)
    if epoch.any():
        size = np.abs(numbers[epoch])
        milliseconds = numbers[epoch] * np.select([size > 1e14, size > 1e11], [1e-3, 1.0], 1e3)
        times[epoch] = pd.to_datetime(np.round(milliseconds).astype("int64"), unit="ms", utc=True)
    times = times.where(times.between(FIRST_TIME, LAST_TIME))
    return times, int((known & times.isna()).sum())


def _seconds(column: pa.Array) -> tuple[pd.Series, int]:
    text = pd.Series(pd.array(column, dtype="str"))
    seconds = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
    odd = (text != "") & seconds.isna()
    if odd.any():
        seconds[odd] = np.array([_spelled_seconds(one) for one in text[odd]])
    seconds = seconds.where(seconds.between(0, LONGEST_RUNTIME))
    return seconds, int(((text != "") & seconds.isna()).sum())


def _spelled_seconds(text: str) -> float:
    if len(text) > _LONGEST_TIME:
        return np.nan
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return float(hours or 0) * 3600 + float(minutes) * 60 + float(seconds)
    spelled, total, at = text.lower(), 0.0, 0
    while found := _SPELLED.match(spelled, at):
        total, at = total + float(found[1]) * _UNITS[found[2]], found.end()
    return total if 0 < at == len(spelled) else as_number(text.rstrip("sS ")) or np.nan


def _numbered(columns: Sequence[pa.Array], rows: np.ndarray) -> list[str]:
    """Name rows "run 1", "run 2", … in order of their content, so that the order of the file doesn't matter."""
    mask = pa.array(rows)
    unnamed = int(rows.sum())
    # Column by column, so that no row of thousands of cells is ever held as Python text.
    place = np.zeros(unnamed, dtype="int64")
    for column in columns:
        if place.size and place.max() == unnamed - 1:
            break
        cells = pc.rank(column.filter(mask), tiebreaker="dense").to_numpy()
        place = np.unique(place * (unnamed + 1) + cells, return_inverse=True)[1]
    width = len(str(unnamed))
    names = [""] * unnamed
    for number, at in enumerate(np.argsort(place, kind="stable"), start=1):
        names[at] = f"run {number:0{width}d}"
    return names
