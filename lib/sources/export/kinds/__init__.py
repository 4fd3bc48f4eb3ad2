"""The kinds of tables that people have, each with how it is recognised, in the order in which they are tried.

What is certain comes first; a table that no kind claims is read as a table of runs.
"""

from __future__ import annotations

from collections.abc import Collection

from lib.sources.export.cells import plain_columns
from lib.sources.export.kinds.chart import CHART
from lib.sources.export.kinds.documented_sample import DOCUMENTED_SAMPLE
from lib.sources.export.kinds.evaluations import EVALUATIONS
from lib.sources.export.kinds.grouped import GROUPED
from lib.sources.export.kinds.history import HISTORY
from lib.sources.export.kinds.hyperopt import HYPEROPT
from lib.sources.export.kinds.keras_tuner import KERAS_TUNER
from lib.sources.export.kinds.logged_table import LOGGED_TABLE
from lib.sources.export.kinds.long_form import LONG_FORM
from lib.sources.export.kinds.plan import PLAN
from lib.sources.export.kinds.r_programs import R_PROGRAMS
from lib.sources.export.kinds.settings_in_cells import SETTINGS_IN_CELLS
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.kinds.trackers import TRACKERS
from lib.sources.export.kinds.transposed import TRANSPOSED
from lib.sources.export.text_table import TextTable

KINDS: tuple[Kind, ...] = (
    KERAS_TUNER,
    HYPEROPT,
    LONG_FORM,
    TRANSPOSED,
    CHART,
    HISTORY,
    *TRACKERS,
    *R_PROGRAMS,
    DOCUMENTED_SAMPLE,
    SETTINGS_IN_CELLS,
    EVALUATIONS,
    LOGGED_TABLE,
    PLAN,
    GROUPED,
)


def shape_of(table: TextTable, label: str, chosen: Collection[str] = ()) -> Shape:
    """Say what a table is and how it is read as runs.

    chosen : columns that the reader or a sweep config names. Raises InputError for what is no table of runs, with what
    it is instead and where to find the right one.
    """
    plain, _ = plain_columns(table.names, table.columns, table.delimiter)
    look = Look(table, label, plain, frozenset(chosen))
    for kind in KINDS:
        if (shape := kind.read(look)) is not None:
            return shape
    return Shape(table.format, table)
