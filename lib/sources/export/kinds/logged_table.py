"""A table that a run logged (wandb.Table): samples with their scores, predictions, a confusion matrix, a curve."""

from __future__ import annotations

import pyarrow.compute as pc

from lib.model.errors import InputError
from lib.sources.export.kinds.shape import RUNS_TABLE, Kind, Look, Shape, reading_of, reads_as_result

_TRUTH = frozenset((
    "label", "labels", "target", "targets", "truth", "ground_truth", "groundtruth", "gt", "y_true", "y", "actual",
    "true", "answer", "reference", "expected", "true_label", "class", "gold",
))  # fmt: skip
_GUESS = frozenset((
    "prediction", "predictions", "predicted", "pred", "preds", "y_pred", "yhat", "y_hat", "guess", "output",
    "response", "completion", "generated", "predicted_label", "pred_label", "model_output", "npredictions",
    "hypothesis",
))  # fmt: skip
_SAMPLES = frozenset((
    "text", "prompt", "prompts", "completion", "completions", "response", "question", "sentence", "caption", "image",
    "input", "inputs", "audio", "video", "document", "passage", "instruction", "query", "content", "message",
    "input_text", "output_text", "generation", "sample", "utterance", "review", "title", "file_name", "filename",
    "image_path", "image_id", "img",
))  # fmt: skip
# What a table has one row of each of, with scores beside it: "class_name,iou,support".
_KEYS = frozenset((
    "class", "class_name", "classname", "category", "layer", "layer_name", "token", "word", "subject", "speaker",
    "patient", "patient_id", "sample_id", "user_id", "node", "feature", "feature_name",
))  # fmt: skip
_CURVES = (
    {"fpr", "tpr"},
    {"precision", "recall", "class"},
    {"precision", "recall", "f1-score", "support"},
    {"actual", "predicted", "npredictions"},
)
_THRESHOLDS = frozenset(("threshold", "thresholds", "cutoff"))
# Sentences are longer, and no two are alike.
_CHARACTERS, _DISTINCT, _WITH_SPACES = 20, 0.9, 0.6
_FEWEST_ROWS = 3
# Texts under these say what a run was, however long they are.
_OF_RUNS = frozenset((
    "name", "run name", "run_name", "run", "config", "summary", "notes", "tags", "command", "params", "setting",
    "settings", "variant", "method", "model", "approach", "system", "configuration", "sweep", "experiment", "ablation",
))  # fmt: skip
# Beside one sample and its scores there is little else.
_MOST_COLUMNS = 40


def _read(look: Look) -> Shape | None:
    # A metric of this name is all that the reader may name in a logged table; parameters it has none of.
    if look.names_runs(by_id=False) and not _one_sample_a_row(look):
        return None
    words = {name.replace(" ", "_").split("/")[-1] for name in look.lowered}
    curve = any(one <= words for one in _CURVES)
    if len(look.names) > _MOST_COLUMNS or _has_settings(look, curve) or look.chosen & set(look.names):
        return None
    if curve or _one_key_a_row(look) or (words & _TRUTH and words & _GUESS) or _one_sample_a_row(look):
        raise InputError(
            f"{look.label} reads as a table that a run logged ({_listed(look)}), not a table of runs: no column reads "
            f"as a hyperparameter. {RUNS_TABLE}"
        )
    return None


def _one_key_a_row(look: Look) -> bool:
    """Whether the first column names what scores are of, once each."""
    at = 1 if look.rank_columns() and len(look.names) > 2 else 0
    distinct = pc.count_distinct(look.table.columns[at]).as_py()
    return look.lowered[at] in _KEYS and distinct == len(look.table) and look.numbers(at) is None


def _one_sample_a_row(look: Look) -> bool:
    """Whether a column holds samples: text of its own in each row, by its name or with the length of sentences."""
    rows = len(look.table)
    if rows < _FEWEST_ROWS:
        return False
    for at, name in enumerate(look.lowered):
        cells = look.table.columns[at]
        if look.numbers(at) is not None or pc.count_distinct(cells).as_py() < _DISTINCT * rows:
            continue
        if name in _OF_RUNS:
            continue
        if name.split("/")[-1] in _SAMPLES:
            return True
        length = pc.mean(pc.utf8_length(cells)).as_py()
        spaced = pc.mean(pc.match_substring(cells, " ").cast("int8")).as_py()
        structured = pc.mean(pc.match_substring_regex(cells, r"^[\[{(]").cast("int8")).as_py()
        if length >= _CHARACTERS and spaced >= _WITH_SPACES and structured < 0.5:
            return True
    return False


def _has_settings(look: Look, curve: bool) -> bool:
    """Whether a numeric column that differs between rows reads as a setting: then the rows may be runs.

    curve : whether the rows may be points of a curve, along which a threshold moves.
    """
    for at, name in enumerate(look.names):
        if curve and look.lowered[at] in _THRESHOLDS:
            continue
        if reading_of(name).role == "setting" and not reads_as_result(name) and name.lower() not in _TRUTH:
            cells = look.table.columns[at]
            if pc.count_distinct(cells).as_py() > 1 and (look.numbers(at) is not None or name.lower() == "optimizer"):
                return True
    return False


def _listed(look: Look) -> str:
    return ", ".join(look.names[:4]) + (", …" if len(look.names) > 4 else "")


LOGGED_TABLE = Kind("logged table", _read)
