"""Columns that repeat the number of a column that another one names."""

from __future__ import annotations

from lib.sources.export.read import read_export

ROWS = [("width", 8, 8, 3, 0.71), ("width", 16, 16, 3, 0.74), ("width", 32, 32, 3, 0.72), ("depth", 1, 8, 1, 0.7)]
ROWS += [("depth", 5, 8, 5, 0.73), ("depth", 7, 8, 7, 0.69)]


def _parts(names: str, rows: list[tuple[object, ...]], **given: tuple[str, ...]) -> dict[str, str]:
    content = "\n".join([names, *(",".join(map(str, row)) for row in rows)]).encode()
    return {reading.column: reading.part for reading in read_export(content, "file.csv", **given).readings}


def test_the_value_of_the_setting_that_a_row_varied_is_no_setting_of_its_own() -> None:
    parts = _parts("varied,value,width,depth,accuracy", ROWS)
    assert parts == dict(varied="metadata", value="metadata", width="config", depth="config", accuracy="summary")


def test_a_value_that_differs_from_the_named_column_stays_what_it_is() -> None:
    other = [(name, value + 1, *rest) for name, value, *rest in ROWS]
    assert _parts("varied,value,width,depth,accuracy", other)["value"] != "metadata"


def test_who_names_the_repeated_value_as_the_metric_gets_it() -> None:
    rows = [("accuracy", one[-1], *one[2:]) for one in ROWS]
    assert _parts("metric,value,width,depth,accuracy", rows)["value"] == "metadata"
    assert _parts("metric,value,width,depth,accuracy", rows, summary_columns=("value",))["value"] == "summary"
