"""The sweeps that come with the project, really run; `sample/README.md` tells how."""

from __future__ import annotations

from lib import installed
from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.model.text import shortened
from lib.sources.record import Address, Place

SAMPLES = {"sample": "sweep", "sample/followup": "followup", "sample/repeats": "repeats"}
"""The names of the bundled sweeps, each with the name of its file."""

_LABELS = {
    "sample: unet-phantom-1": "sample",
    "sample: unet-phantom-2": "sample/followup",
    "sample: repeats": "sample/repeats",
}
"""What the report calls them, each with its name."""

_CODE = """\
import pandas as pd

# The sample ships with the program, as a snapshot: one row a run.
frame = {read}
print(len(frame), "runs;", list(frame.columns))
"""


def read_sample(name: str = "sample") -> Sweep:
    """Read a bundled sweep: "sample", "sample/followup", or "sample/repeats". Raises InputError for another name."""
    from lib.sources.snapshot.file import read_snapshot

    if name not in SAMPLES:
        raise _no_sample(name)
    return read_snapshot(installed.SAMPLES / f"{SAMPLES[name]}.parquet", name)


def _takes(typed: str) -> bool:
    return typed == "sample" or typed.startswith("sample/")


def _address(typed: str, base_url: str | None, forms: str) -> Address:
    typed = typed.rstrip("/")
    # As the checkout calls their files, and the Data page does.
    name = {f"sample/{file}.parquet": name for name, file in SAMPLES.items()}.get(typed, typed)
    if name not in SAMPLES:
        raise _no_sample(typed)
    return Address("sample", name)


def _code(sweep: Sweep) -> str:
    named = [_LABELS.get(label, label) for label in sweep.origin.label.split(" + ")]
    files = [SAMPLES[name] for name in named if name in SAMPLES] or ["sweep"]
    reads = [f"pd.read_parquet({f'sample/{file}.parquet'!r})" for file in files]
    return _CODE.format(read=reads[0] if len(reads) == 1 else f"pd.concat([{', '.join(reads)}])")


def _no_sample(name: str) -> InputError:
    return InputError(f"There is no sample {shortened(name)}. The samples are: {', '.join(SAMPLES)}.")


SAMPLE = Place(
    kind="sample",
    forms=("sample",),
    takes=_takes,
    address=_address,
    read=lambda address: read_sample(address.text),
    code=_code,
)
