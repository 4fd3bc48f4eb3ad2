"""The words by which people and programs say how a run ended, in W&B's words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.numbers import count, listing
from lib.sources.export.text_table import TextTable

WANDB_STATES = frozenset((
    "finished", "crashed", "failed", "killed", "running", "pending", "preempted", "preempting", "queued", "pruned",
))  # fmt: skip
_OTHER_WORDS = {
    **dict.fromkeys(("done", "success", "successful", "succeeded", "complete", "completed", "ok", "okay"), "finished"),
    **dict.fromkeys(("terminated", "ended", "passed", "trained", "evaluated", "published", "closed"), "finished"),
    **dict.fromkeys(("error", "errored", "fail", "failure", "exception", "oom", "out of memory"), "failed"),
    **dict.fromkeys(("timeout", "timed out", "time limit", "invalid", "diverged", "broken"), "failed"),
    "crash": "crashed",
    **dict.fromkeys(("cancelled", "canceled", "aborted", "interrupted", "stopped"), "killed"),
    **dict.fromkeys(("active", "in progress", "training", "started"), "running"),
    **dict.fromkeys(("waiting", "scheduled", "submitted", "not started", "draft"), "pending"),
    **dict.fromkeys(("early stopped", "stopped early"), "pruned"),
}
# "failed: CUDA out of memory", "error (exit code 1)"
_REMARK = re.compile(r"[:(\[;].*", re.DOTALL)
_JOINED = re.compile(r"[_\s-]+")
_MOST_NAMED = 4


def state_of(word: str) -> str | None:
    """Return W&B's word for a state, whatever stands behind it as a remark; None for a word that says no state."""
    bare = _JOINED.sub(" ", _REMARK.sub("", word.strip().lower())).strip()
    return bare if bare in WANDB_STATES else _OTHER_WORDS.get(bare)


def are_states(column: pa.Array) -> bool:
    """Whether most cells of a column, and one of them at least, say how a run ended."""
    words = Counter(column.filter(pc.not_equal(column, "")).to_pylist())
    known = sum(cells for word, cells in words.items() if state_of(word) is not None)
    return known > 0 and 2 * known > words.total()


def with_wandb_states(table: TextTable, at: int) -> tuple[TextTable, list[str]]:
    """Write the states of a column in W&B's words, and say which words were read as which; others stay as they are."""
    coded = table.columns[at].dictionary_encode()
    words = coded.dictionary.to_pylist()
    said = [state_of(word) or word for word in words]
    states = pa.array(said, type=pa.large_string()).take(coded.indices)
    cells = Counter(table.columns[at].to_pylist())
    read = {w: s for w, s in zip(words, said, strict=True) if s != w.strip().lower()}
    sentences = []
    if read:
        parts = [f"{word} as {state} ({count(cells[word], 'run')})" for word, state in sorted(read.items())]
        sentences.append(
            f"The column {table.names[at]} was read as the runs' state: {listing(parts, most=_MOST_NAMED)}."
        )
    unknown = sorted(word for word in words if word and state_of(word) is None)
    if unknown and len(unknown) < len(words):
        runs = sum(cells[word] for word in unknown)
        is_no, its = ("is no state", "its") if len(unknown) == 1 else ("are no states", "their")
        sentences.append(
            f"{listing(unknown, most=_MOST_NAMED)} {is_no} that W&B knows, so {its} {count(runs, 'run')} "
            f"{'is' if runs == 1 else 'are'} left out unless --states names {'it' if len(unknown) == 1 else 'them'}."
        )
    columns = (*table.columns[:at], states, *table.columns[at + 1 :])
    return replace(table, columns=columns), sentences
