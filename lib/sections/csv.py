"""Tables as CSV, in full precision and harmless to spreadsheets."""

from __future__ import annotations

import pandas as pd

from lib.model.columns import as_number

# Also as the full-width forms that spreadsheets in East Asian languages read as the same.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_of(table: pd.DataFrame) -> str:
    """Write a table as CSV (UTF-8, one header row, no index). Text that a spreadsheet would run gets a leading "'"."""
    columns = [table.iloc[:, position] for position in range(table.shape[1])]
    safe = pd.concat([_harmless_column(column) for column in columns], axis=1) if columns else table.copy()
    safe.columns = pd.Index([harmless(str(name)) for name in table.columns])
    return str(safe.to_csv(index=False, lineterminator="\n"))


def harmless(text: str) -> str:
    """Put "'" before text that begins like a formula (=, +, -, @, after any blanks), unless it is a number."""
    begins = text.strip()
    # A lone carriage return is a new row to some readers, and isn't quoted by the writer.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if begins.startswith(_FORMULA_STARTS) and len(begins) > 1 and as_number(begins) is None else text


def _harmless_column(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(lambda value: harmless(value) if isinstance(value, str) else value)
