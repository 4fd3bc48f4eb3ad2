"""Columns that are a record of a run, and neither a setting nor a result: numbers of runs, their ranks, machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.model.metric_names import read_name
from lib.model.search_space import named_like_a_block
from lib.sources.export.column_evidence import Clues
from lib.sources.export.evidence_of_names import evidence_of_name

# Numbers of rows and of runs; a fold, a device or a group is a number too, but one that runs were set to.
_NUMBERING = frozenset((
    "index", "idx", "run", "runs", "row", "rows", "unnamed", "column", "number", "no", "nr", "num", "trial", "trials",
    "id", "uid", "pid", "job", "port", "order", "seq", "experiment", "exp", "count", "config", "configuration", "cfg",
    "lauf", "versuch", "essai", "expérience", "experimento", "ensayo", "prueba", "esperimento", "试验", "实验", "序号",
))  # fmt: skip
# What marks a setting says nothing of it: params.trial_number.
_PREFIXES = frozenset((("param",), ("params",), ("hparams",), ("args",)))
# The order in which AutoGluon fitted its models, and how many points Nevergrad had asked for by then.
_ORDERS = frozenset((("fit", "order"), ("num", "ask"), ("num", "tell")))
_RANKS = frozenset((("rank",), ("ranking",), ("rk",), ("place",), ("position",)))
_FEWEST_NUMBERED, _FEWEST_COUNTED = 3, 8
_REMARKS = frozenset((
    "comment", "comments", "remark", "remarks", "note", "notes", "observation", "observations", "todo", "bemerkung",
    "bemerkungen", "kommentar", "commentaire", "commentaires", "comentario", "comentarios", "备注",
))  # fmt: skip
_OF_FILES = frozenset(("path", "file", "filename", "dir", "directory", "folder", "uri", "checkpoint", "ckpt"))
_OF_RUNS = frozenset(("experiment", "exp", "run", "trial", "job", "config", "configuration", "model"))
_KEPT = frozenset(
    ("run", "runs", "log", "logs", "out", "output", "save", "saved", "ckpt", "checkpoint", "work", "result")
)
_MACHINES = frozenset(("host", "hostname", "machine", "user", "username", "server", "cluster", "name"))
COUNTS = "it numbers the runs, so it is neither a hyperparameter nor a result"


def record_words(clue: Clues) -> str | None:
    """Say why a column is the record of a run, and neither a setting nor a result; None where it isn't."""
    if numbers_runs(clue):
        return COUNTS
    if ranks_runs(clue):
        return "it ranks the runs, so it is neither a hyperparameter nor a result"
    if clue.type in ("text", "mixed") and _REMARKS.issuperset(read_name(clue.name).words or ("",)):
        return "it holds remarks, so it is neither a hyperparameter nor a result"
    if names_its_best_model(clue):
        return "it says where the run's best model was kept, so it is neither a hyperparameter nor a result"
    if (words := _record_of_text(clue)) is not None:
        return f"{words}, so it is neither a hyperparameter nor a result"
    if names_a_machine(clue):
        return "it says where or by whom the run was made, so it is neither a hyperparameter nor a result"
    return None


def _record_of_text(clue: Clues) -> str | None:
    """Say what texts record of each run: when and with which commit it was made, its id, where it lies."""
    words = read_name(clue.name).words
    if clue.type not in ("text", "mixed") or clue.listed or not words or clue.distinct < 2:
        return None
    many = 2 * clue.distinct > clue.known
    if clue.record == "time" and many:
        return "it holds dates with a time"
    if clue.record == "hash" and many:
        return "it holds commits or other hashes"
    if words[-1] == "id" and _OF_RUNS.issuperset(words[:-1]) and many:
        return "it holds ids of runs"
    if words[-1] in _OF_FILES and words[0] in _KEPT:
        return "it says where the run was kept"
    if clue.distinct == clue.known >= _FEWEST_COUNTED and clue.type == "text" and not evidence_of_name(clue.name):
        return "it holds another text for each run"
    return None


def numbers_runs(clue: Clues) -> bool:
    """Whether a column only numbers the runs: `Run_Index`, `number`, `Unnamed: 0`, `trial`.

    Its words must say so, and its whole numbers must be another one for each run, or count on from the lowest to the
    highest equally often, as a counter does that starts again. It may be blank for less than half of the runs: a run
    that started the others has no number. A seed is none.
    """
    if clue.type != "integer" or clue.known < _FEWEST_NUMBERED or named_like_a_block(clue.name):
        return False
    words = tuple(word for word in read_name(clue.name).words if not word.isdigit())
    words = words[1:] if words[:1] in _PREFIXES else words
    if not words or (words not in _ORDERS and not _NUMBERING.issuperset(words)) or 2 * clue.known < len(clue.filled):
        return False
    if clue.distinct == clue.known:
        return True
    assert clue.numbers is not None
    counts = np.bincount(clue.codes[clue.codes >= 0])
    whole = np.nanmax(clue.numbers) - np.nanmin(clue.numbers) == clue.distinct - 1
    return bool(whole and clue.distinct > 10 and counts.min() == counts.max())


def ranks_runs(clue: Clues) -> bool:
    """Whether a column ranks the runs: `rank`, 1, 2, 3, …, where few runs share a place. The ranks of LoRA are none."""
    if clue.type != "integer" or read_name(clue.name).words not in _RANKS or clue.known < len(clue.filled):
        return False
    assert clue.numbers is not None
    many = clue.distinct >= max(_FEWEST_NUMBERED, clue.known / 2)
    return bool(many and clue.numbers.min() in (0, 1) and clue.numbers.max() <= clue.known)


def counts_first(clues: Sequence[Clues]) -> bool:
    """Whether the first column counts the runs under a name in no list: whole numbers from 0 or 1 on without a gap.

    Beside it there must be a column of few values, a setting: a lone `x` from 1 to 20 may be what was searched.
    """
    first = clues[0]
    if first.type != "integer" or first.distinct < _FEWEST_COUNTED or first.distinct < len(first.filled):
        return False
    if read_name(first.name).role != "unknown" or evidence_of_name(first.name) or named_like_a_block(first.name):
        return False
    assert first.numbers is not None
    low, high = first.numbers.min(), first.numbers.max()
    return bool(low in (0, 1) and high - low == first.distinct - 1 and any(clue.few for clue in clues[1:]))


def names_its_best_model(clue: Clues) -> bool:
    """Whether text says where a run kept its best model, which it can't know before: `best_model_path`."""
    reading = read_name(clue.name)
    return clue.type == "text" and reading.best and reading.words[-1] in _OF_FILES


def names_a_machine(clue: Clues) -> bool:
    """Whether a column of text says where or by whom a run was made: `hostname`, `machine`, `user name`."""
    words = read_name(clue.name).words
    return clue.type == "text" and words != ("name",) and bool(words) and _MACHINES.issuperset(words)
