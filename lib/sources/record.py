"""What a source is to the program: one record for each place that is named, and one for each format of a file.

`lib.sources.registry` lists the records. Parsing of addresses, help texts, upload types, reading, and the code with
which a reader loads the same data follow from them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lib.model.sweep import Declaration, SourceKind, Sweep


@dataclass(frozen=True, slots=True)
class Address:
    """Where to read runs from; sources are compared by `key`."""

    kind: str
    """What is named: "file", "sweep" or "project" (both on W&B), or the kind of another place: "sample"."""
    text: str
    """The canonical spelling, to be shown."""
    path: Path | None = None
    """Of a file: where it is."""
    entity: str | None = None
    """On W&B: the user or team."""
    project: str | None = None
    """On W&B: the project."""
    sweep_id: str | None = None
    """On W&B: the id of a sweep; None for a whole project."""

    @property
    def on_wandb(self) -> bool:
        """Whether W&B has to be asked for it."""
        return self.kind in ("sweep", "project")

    @property
    def key(self) -> tuple[str | None, ...]:
        """What the source is known by: equal keys name the same source, however it is spelled."""
        if self.on_wandb:
            return (self.kind, self.entity, self.project, self.sweep_id)
        return (self.kind, self.text if self.path is None else str(self.path.resolve()))

    @property
    def label(self) -> str:
        """What people see of it: of a file the name alone."""
        if self.path is None:
            return self.text
        # A name may hold bytes that are no text.
        return self.path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A kind of source that is named by an address: the sample, W&B."""

    kind: SourceKind
    """What the JSON report calls it."""
    forms: tuple[str, ...]
    """How it is written: "ENTITY/PROJECT/SWEEP_ID"."""
    takes: Callable[[str], bool]
    """Whether a text names this kind of source. The registry's order decides, and its last place takes the rest."""
    address: Callable[[str, str | None, str], Address]
    """Reads the text, given the configured W&B server and a sentence with what can be given. Raises InputError."""
    read: Callable[[Address], Sweep] | None = None
    """Reads it; None where that takes a key and a network, so that the caller hands the reading in."""
    code: Callable[[Sweep], str | None]
    """Python that loads the same runs without this program, None where the sweep doesn't say enough for it."""


class ReadFile(Protocol):
    """Reads the bytes of a file."""

    def __call__(
        self,
        content: bytes,
        label: str,
        *,
        declaration: Declaration | None,
        config_columns: Collection[str],
        summary_columns: Collection[str],
    ) -> Sweep:
        """Return the runs. `label` names the file in messages and in the report.

        declaration : the sweep config that was given beside it. config_columns, summary_columns : what the reader named
        as parameters and as the metric. Raises InputError for what can't be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format of files."""

    name: str
    """What people call the format: "CSV"."""
    what: str
    """What such a file is, in the plural: "W&B run-table exports"."""
    suffixes: tuple[str, ...]
    """How its names end, in small letters, the usual one first."""
    recognised: Callable[[bytes], bool]
    """Whether a file's content is of this format. The registry's order decides, and its last format takes the rest."""
    read: ReadFile
    """Reads it."""
    read_by_choices: bool
    """Whether the reader's metric and parameters settle which columns are config and which results, as in a table that
    doesn't mark them."""
    code: str
    """Python that loads the same table; {name!r} stands for the file's name."""
    where: str = ""
    """A sentence with where such a file is found, for the app; "" where that is known."""
