"""A source is one record: what recognises, reads, explains and offers it follows from that."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from lib.__main__ import main
from lib.model.errors import InputError
from lib.model.sweep import Origin, SourceKind, Sweep
from lib.sources import open_file, open_upload, registry
from lib.sources.address import parse_address
from lib.sources.export.format import CSV
from lib.sources.record import FileFormat
from lib.sources.registry import FORMATS, PLACES, fetching_code, file_forms, format_of, forms, upload_types
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import snapshot_bytes
from testing.exports import unet_export


def test_every_kind_of_the_json_report_is_a_place_or_comes_from_a_file() -> None:
    assert {place.kind for place in PLACES} | {"csv", "snapshot"} == set(get_args(SourceKind))


def test_no_two_formats_share_a_suffix() -> None:
    suffixes = [suffix for one in FORMATS for suffix in one.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_a_format_is_offered_wherever_sources_are_named(one: FileFormat, tmp_path: Path, capsys) -> None:
    assert all(suffix in forms(files=True) for suffix in one.suffixes)
    assert all(suffix not in forms(files=False) for suffix in one.suffixes)
    assert one.what in file_forms()
    assert {suffix.removeprefix(".") for suffix in one.suffixes} <= set(upload_types())
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    assert one.suffixes[0] in capsys.readouterr().out
    path = tmp_path / f"runs{one.suffixes[0].upper()}"
    path.write_bytes(b"")
    assert parse_address(str(path), files_allowed=True).path == path


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_every_form_of_a_place_is_offered(place) -> None:
    assert all(form in forms(files=False) for form in place.forms)


def test_what_is_offered_reads_as_a_sentence() -> None:
    with pytest.raises(InputError) as said:
        parse_address("", files_allowed=True)
    assert str(said.value).startswith("The source is blank. Give sample, ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, ")
    assert str(said.value).endswith(" file.")


def test_a_format_is_recognised_by_its_content_whatever_its_name() -> None:
    assert format_of(unet_export(3).encode()) is CSV
    assert format_of(snapshot_bytes(read_sample())).name == "Parquet"
    assert open_upload("runs.parquet", unet_export(3).encode()).origin.kind == "csv"


def test_one_record_and_one_line_make_a_new_format(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reading and the code to load it again follow from the record; what is offered is checked for each above."""

    def read(content: bytes, label: str, **_: object) -> Sweep:
        return replace(open_upload(label, unet_export(5).encode()), origin=Origin("csv", label))

    made = replace(
        CSV,
        name="Runes",
        what="rune stones",
        suffixes=(".runes",),
        recognised=lambda content: content.startswith(b"RUNES"),
        read=read,
        code="stones = read_stones({name!r})\n",
    )
    monkeypatch.setattr(registry, "FORMATS", (made, *FORMATS))
    path = tmp_path / "found.runes"
    path.write_bytes(b"RUNES")
    sweep = open_file(path, path.name)
    assert len(sweep) == 5
    assert fetching_code(sweep) == "stones = read_stones('found.runes')\n"
    assert "rune stones (.runes)" in file_forms()


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (Origin("sample", "sample/followup"), "sample/followup.parquet"),
        (Origin("sample", "sample + sample/followup"), "sample/sweep.parquet"),
        (Origin("csv", "it's mine.csv"), 'pd.read_csv("it\'s mine.csv")'),
        (Origin("csv", "a.csv + b.parquet"), "pd.read_csv('a.csv')"),
        (Origin("wandb", "team/project/abcd1234"), '"team/project",\n    filters={"sweep": "abcd1234"}'),
        (Origin("wandb", "team/project"), "filters=None"),
    ],
)
def test_the_code_that_loads_the_same_data_is_python_with_its_name(origin: Origin, expected: str) -> None:
    code = fetching_code(replace(read_sample(), origin=origin))
    ast.parse(code)
    assert expected in code
