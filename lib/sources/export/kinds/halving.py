"""Successive halving: rows of the rounds before the last are of fewer samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from lib.sources.export.kinds.shape import Look
from lib.sources.export.text_table import TextTable


def halved(look: Look) -> tuple[TextTable, int, str] | None:
    """Mark the rows of a successive halving that are of earlier rounds, on fewer samples, as pruned; None without any.

    scikit-learn takes the best of the last round (HalvingGridSearchCV): scores on fewer samples don't compare.
    """
    at, resources = look.at("iter"), look.at("n_resources")
    rounds = None if at is None else look.numbers(at)
    if rounds is None or resources is None or len(np.unique(rounds)) < 2:
        return None
    earlier = rounds < np.nanmax(rounds)
    states = pa.array(np.where(earlier, "pruned", "finished").tolist(), type=pa.large_string())
    table = replace(look.table, names=(*look.names, "state"), columns=(*look.table.columns, states))
    said = (
        f"It was searched by successive halving: {int(earlier.sum()):,} rows are of earlier rounds on fewer resources "
        "(n_resources), whose scores don't compare with those of the last; they are left out as pruned. To count them "
        "all: --states finished,pruned."
    )
    return table, len(look.names), said
