"""How the command line and Python read: in this process, with the key of the settings, keeping nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext

from lib.model.sweep import Declaration, Sweep
from lib.report.request import Upload, project_secrets
from lib.sources import open_upload
from lib.sources.record import Address
from lib.sources.sweep_config import parse_sweep_config
from lib.sources.wandb.access import access_from_settings

Progress = Callable[[int, int | None], None]


class OwnReading:
    """Reads for the person who started the program; see `lib.report.open.Reading`."""

    def __init__(self, progress: Progress | None = None) -> None:
        """Progress : called with how many runs have arrived, and of how many where that is known."""
        self._progress = progress
        self._fetched: dict[Hashable, Sweep] = {}

    def wandb(self, address: Address, *, histories: bool) -> Sweep:
        """Read a source of W&B, once. Raises InputError without a key, SourceUnavailable where W&B can't be had."""
        from lib.sources.wandb.api import fetch
        from lib.sources.wandb.histories import with_histories

        # Who calls this names the source themselves: the owner's key may open it.
        access = access_from_settings(os.environ, project_secrets(), named=[address])
        if address.key not in self._fetched:
            self._fetched[address.key] = fetch(address, access=access, progress=self._progress)
        sweep = self._fetched[address.key]
        if not histories:
            return sweep
        key = (address.key, "histories")
        if key not in self._fetched:
            self._fetched[key] = with_histories(sweep, address, access=access, progress=self._progress)
        return self._fetched[key]

    def visitor(self) -> AbstractContextManager[_Here]:
        """Give what reads handed-in files in this process: nobody else is served by it."""
        return nullcontext(_Here())

    def keep(self, key: tuple[Hashable, ...], make: Callable[[], Sweep]) -> Sweep:
        """Return what `make` makes."""
        return make()


class _Here:
    def sweep_config(self, text: str, name: str) -> Declaration:
        return parse_sweep_config(text, name)

    def upload(
        self, upload: Upload, *, declaration: Declaration | None, parameters: tuple[str, ...], metric: str | None
    ) -> Sweep:
        return open_upload(upload.name, upload.content, declaration=declaration, parameters=parameters, metric=metric)
