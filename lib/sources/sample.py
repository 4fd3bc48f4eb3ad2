"""The sweeps that come with the project, really run; `sample/README.md` tells how."""

from __future__ import annotations

from pathlib import Path

from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.sources.address import SAMPLES
from lib.sources.snapshot.file import read_snapshot

_FOLDER = Path(__file__).resolve().parents[2] / "sample"


def read_sample(name: str = "sample") -> Sweep:
    """Read a bundled sweep: "sample", "sample/followup", or "sample/repeats". Raises InputError for another name."""
    if name not in SAMPLES:
        raise InputError(f"There is no sample {name!r}. The samples are: {', '.join(SAMPLES)}.")
    return read_snapshot(_FOLDER / f"{SAMPLES[name]}.parquet", name)
