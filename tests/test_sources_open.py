from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lib.model.errors import InputError, SourceUnavailable
from lib.model.sweep import Sweep
from lib.sources import open_sources, open_upload
from lib.sources.address import Address
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import snapshot_bytes, write_snapshot
from testing.exports import unet_export


def test_files_are_read_by_content_and_labelled_by_name(tmp_path: Path) -> None:
    export, snapshot = tmp_path / "export.csv", tmp_path / "snapshot.csv"
    export.write_text(unet_export())
    write_snapshot(read_sample(), snapshot)
    assert open_sources([str(export)]).origin.label == "export.csv"
    assert open_sources([str(snapshot)]).data_sha256 == read_sample().data_sha256


def test_an_upload_is_told_apart_by_its_content() -> None:
    assert open_upload("anything.parquet", unet_export().encode()).origin.kind == "csv"
    assert open_upload("anything.csv", snapshot_bytes(read_sample())).origin.kind == "sample"


def test_the_readers_choices_settle_columns_of_an_export(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text(unet_export())
    sweep = open_sources([str(export)], parameters=["loss"], metric="learning_rate")
    assert "loss" in sweep.config.columns
    assert "learning_rate" in sweep.summary.columns


def test_wandb_is_asked_with_the_address_and_the_progress() -> None:
    asked: list[tuple[Address, Any]] = []

    def fetch(address: Address, *, progress: Any = None) -> Sweep:
        asked.append((address, progress))
        return read_sample()

    sweep = open_sources(["https://wandb.ai/team/project/sweeps/abcd1234"], fetch_wandb=fetch, progress="bar")
    assert len(sweep) == 160
    assert [(address.text, progress) for address, progress in asked] == [("team/project/abcd1234", "bar")]


def test_a_source_named_twice_is_read_once() -> None:
    assert len(open_sources(["sample", "sample/", "sample"])) == 160


def test_a_refusal_of_wandb_comes_through() -> None:
    def fetch(address: Address, *, progress: Any = None) -> Sweep:
        raise SourceUnavailable("W&B can't be reached.")

    with pytest.raises(SourceUnavailable):
        open_sources(["sample", "team/project"], fetch_wandb=fetch)


def test_every_source_is_checked_before_any_is_read() -> None:
    def fetch(address: Address, *, progress: Any = None) -> Sweep:
        raise AssertionError("read too early")

    with pytest.raises(InputError, match="'evil"):
        open_sources(["team/project", "https://evil.example/a/b"], fetch_wandb=fetch)
    with pytest.raises(InputError, match="no parameters"):
        open_sources(["team/project"], sweep_config_text="a: 1", fetch_wandb=fetch)
    with pytest.raises(InputError, match="No source"):
        open_sources([])


def test_a_path_is_refused_where_files_are_not_allowed(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text(unet_export())
    with pytest.raises(InputError, match="can't be opened from here"):
        open_sources([str(export)], files_allowed=False)


def test_reading_files_imports_neither_wandb_nor_streamlit() -> None:
    script = (
        "import sys; from lib.sources import open_sources; open_sources(['sample']); "
        "assert not {'wandb', 'streamlit', 'scipy', 'sklearn', 'altair'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[1])
