"""Tables of R's tuners, whose headings have no prefix: caret's results and mlr3's archive."""

from __future__ import annotations

from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.shape import Kind, Look, Shape, may_be_result

# caret: topepo.github.io/caret/model-training-and-tuning.html; each measure has the deviation over resamples beside it.
_SPREAD = "SD"
# mlr3tuning: mlr3tuning.mlr-org.com/reference/ArchiveTuning.html; measures have ids like classif.ce, regr.rmse.
_ARCHIVE = frozenset(("batch_nr", "runtime_learners"))
_ARCHIVE_RECORDS = frozenset((
    "batch_nr", "runtime_learners", "timestamp", "warnings", "errors", "resample_result", "uhash", "x_domain",
))  # fmt: skip
_ACTUAL = "x_domain_"
_MEASURES = ("classif.", "regr.", "surv.", "clust.", "dens.", "time_", "selected_features")


def _read_caret(look: Look) -> Shape | None:
    names = set(look.names)
    measures = {name for name in names if f"{name}{_SPREAD}" in names and may_be_result(name)}
    if not measures:
        return None
    result = Verdict("summary", "caret writes its deviation over resamples beside it")
    spread = Verdict("summary", "caret's deviation of a measure over resamples")
    setting = Verdict("config", "it stands before the measures of caret's results", "likely")
    first = min(look.names.index(name) for name in measures)
    settled = {at: setting for at in range(first) if look.numbers(at) is not None and at not in look.rank_columns()}
    settled |= {look.names.index(name): result for name in measures}
    settled |= {look.names.index(f"{name}{_SPREAD}"): spread for name in measures}
    return Shape("caret", look.table, settled, warnings=(f"{look.label} was read as caret's table of results.",))


def _read_mlr3(look: Look) -> Shape | None:
    if not set(look.lowered) >= _ARCHIVE:
        return None
    actual = {name.removeprefix(_ACTUAL) for name in look.names if name.startswith(_ACTUAL)}
    unused = {at for at, name in enumerate(look.lowered) if name in _ARCHIVE_RECORDS or name.startswith(_ACTUAL)}
    result = Verdict("summary", "a measure in mlr3's archive")
    setting = Verdict("config", "a hyperparameter in mlr3's archive")
    settled = {at: result for at, name in enumerate(look.names) if name.startswith(_MEASURES)}
    settled |= {at: setting for at, name in enumerate(look.names) if name in actual}
    said = f"{look.label} was read as mlr3's archive of evaluations."
    return Shape("mlr3", look.table, settled, unused=frozenset(unused), warnings=(said,))


R_PROGRAMS = (Kind("mlr3", _read_mlr3), Kind("caret", _read_caret))
