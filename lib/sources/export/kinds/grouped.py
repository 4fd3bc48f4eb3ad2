"""A grouped table: each row is the mean of several runs, with their number or their spread beside it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from lib.model.metric_names import words_of
from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.shape import Kind, Look, Shape

_MEANS, _SPREADS = frozenset(("mean", "avg", "average")), frozenset(("std", "stddev", "stdev", "sem", "stderr", "var"))
_ENDS = frozenset(("median", "min", "max", "best", "worst"))
_RUNS = frozenset(("run", "runs", "seeds", "trials", "repeats", "repetitions"))
# How often runs are repeated is a small number or a round one: 42, 123 or 2025 is the seed itself.
_MOST_REPEATS_NOT_ROUND, _ROUND = 36, (10, 32)
_FEWEST_NUMBERED = 4
_COUNTS = frozenset(("n", "num", "number", "count", "of", "no", "total"))


def _read(look: Look) -> Shape | None:
    stems = _stems(look, _MEANS) & _stems(look, _SPREADS)
    of_means = {(*stem, "count") for stem in stems}
    counts = (at for at, name in enumerate(look.names) if _counts_runs(look, at, name, of_means))
    counted = next(counts, None)
    cross_validated = "mean_test_score" in look.lowered or any(n.startswith("rank_test_") for n in look.lowered)
    if (counted is None and not stems) or cross_validated or (counted is not None and not _means(look, stems)):
        return None
    how = f"the column {look.names[counted]} counts them" if counted is not None else "it holds means and spreads"
    numbers = look.numbers(counted) if counted is not None else None
    total = "" if numbers is None else f" {int(np.nansum(numbers)):,} runs stand behind its {len(look.table):,} rows."
    weighed = "Each row counts as one run here, whatever number it is the mean of"
    if counted is not None:
        weighed = (
            "Means and counts of levels, bins and pairs, and the fits and tests of effects weigh each row by that "
            "number; where rows are ranked or left out, each counts once"
        )
    warning = (
        f"{look.label} reads as a grouped table: each row is the mean of several runs ({how}).{total} {weighed}; the "
        "noise of single runs can't be seen. For a report on the runs themselves, ungroup the runs table on W&B and "
        "export it again."
    )
    of_several = Verdict("summary", "it stands for several runs: their mean, or how they vary, stands beside it")
    settled = {at: of_several for at, name in enumerate(look.names) if _of_stems(words_of(name), stems)}
    if counted is not None:
        settled[counted] = Verdict("summary", "it counts the runs that a row is the mean of")
    return Shape("csv", look.table, settled, warnings=(warning,), counted_by=counted)


def _counts_runs(look: Look, at: int, name: str, of_means: Collection[tuple[str, ...]] = ()) -> bool:
    """Whether a column counts the runs of each row. of_means : the words of names that do beside a mean (acc_count)."""
    words = {"count"} if words_of(name) in of_means else set(words_of(name))
    if not words or not words <= _RUNS | _COUNTS | {"size", "group"} or words in ({"run"}, {"of"}, {"no"}, {"number"}):
        return False
    numbers = look.numbers(at)
    if numbers is None or _lists_seeds(look, at, words):
        return False
    known = numbers[np.isfinite(numbers)]
    if len(known) > _FEWEST_NUMBERED and np.array_equal(np.sort(known), known.min() + np.arange(len(known))):
        # 1, 2, 3, … numbers the rows.
        return False
    return bool((known >= 1).all() and (known == np.floor(known)).all() and known.max() > 1 and known.max() < 10_000)


def _lists_seeds(look: Look, at: int, words: set[str]) -> bool:
    """Whether a column of seeds holds the seeds themselves, and doesn't count them: "[42]", or 42 in each row.

    The same number in each row crosses no setting, so that only its size tells a seed from a count.
    """
    if any(text[0] in "[({" for text in look.table.columns[at].to_pylist() if text):
        return True
    numbers = look.numbers(at)
    if words != {"seeds"} or numbers is None:
        return False
    odd = numbers[np.isfinite(numbers) & (numbers > _MOST_REPEATS_NOT_ROUND)]
    return len(odd) > 0 and all((odd % whole != 0).all() for whole in _ROUND)


def _certain(name: str) -> bool:
    """Whether a name can be of nothing but a count of runs: "n_runs", "Runs", "count"."""
    words = set(words_of(name))
    return words in ({"count"}, {"runs"}) or bool(words & _RUNS and words & _COUNTS)


def _means(look: Look, stems: set[tuple[str, ...]]) -> bool:
    """Whether the count stands beside means: alone, only some names of counts can be nothing else."""
    if any(_certain(name) and _counts_runs(look, at, name) for at, name in enumerate(look.names)):
        return True
    return bool(
        stems or _stems(look, _MEANS) or _stems(look, _SPREADS) or "group" in look.lowered or _named_groups(look)
    )


def _named_groups(look: Look) -> bool:
    """Whether names are those of groups, as W&B writes them: "optimizer: adam"."""
    at = look.at("name")
    if at is None:
        return False
    return all(": " in text for text in look.table.columns[at].to_pylist() if text)


def _stems(look: Look, of: frozenset[str]) -> set[tuple[str, ...]]:
    """Return the columns of numbers whose names begin or end with one of these words, without it."""
    found = set()
    for at, name in enumerate(look.names):
        words = words_of(name) if look.numbers(at) is not None else ()
        if len(words) > 1 and (words[-1] in of or words[0] in of):
            found.add(words[:-1] if words[-1] in of else words[1:])
    return found


def _of_stems(words: tuple[str, ...], stems: set[tuple[str, ...]]) -> bool:
    """Whether a name is a mean, a spread or an end of what has both a mean and a spread: acc_std, acc_median."""
    sums = _MEANS | _SPREADS | _ENDS
    return len(words) > 1 and ((words[-1] in sums and words[:-1] in stems) or (words[0] in sums and words[1:] in stems))


GROUPED = Kind("grouped", _read)
