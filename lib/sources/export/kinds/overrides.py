"""Settings in one cell, as Hydra names its jobs: "lr=0.1,model.width=64" under `override_dirname`."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa

from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.text_table import MOST_COLUMNS

_SETTING = re.compile(r"\+{0,2}~?([A-Za-z_][\w./@-]*)=([^=]*)")
_BETWEEN = re.compile(r"[,;\s](?=\+{0,2}~?[A-Za-z_][\w./@-]*=)")
_AROUND = ",; \t\r\n"
_LONGEST = 10_000


def _read(look: Look) -> Shape | None:
    for at in range(len(look.names)):
        records = _records(look.table.columns[at].to_pylist())
        if records is None:
            continue
        keys = list(dict.fromkeys(key for record in records for key in record))
        if set(keys) & set(look.names):
            # Other columns say the same.
            continue
        if len(keys) + len(look.names) > MOST_COLUMNS:
            return None
        columns = [pa.array([one.get(key, "") for one in records], type=pa.large_string()) for key in keys]
        others = [place for place in range(len(look.names)) if place != at]
        names = (*(look.names[place] for place in others), *keys)
        table = replace(look.table, names=names, columns=(*(look.table.columns[place] for place in others), *columns))
        config = Verdict("config", f"it stands in the cells of {look.names[at]}")
        settled = {len(others) + place: config for place in range(len(keys))}
        said = f"The settings in the cells of {look.names[at]} ({keys[0]}=…) were read as one column each."
        return Shape(look.table.format, table, settled, warnings=(said,))
    return None


def _records(cells: list[str]) -> list[dict[str, str]] | None:
    """Return the settings of each cell by name; None where a filled cell holds anything else, or none holds two."""
    records: list[dict[str, str]] = []
    for text in cells:
        parts = _BETWEEN.split(text) if text and len(text) <= _LONGEST else []
        found = [_SETTING.fullmatch(part.strip(_AROUND)) for part in parts]
        if (text and not parts) or not all(found):
            return None
        records.append({match[1]: match[2].strip() for match in found if match is not None})
    return records if any(len(record) > 1 for record in records) else None


OVERRIDES = Kind("overrides", _read)
