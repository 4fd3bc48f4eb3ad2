"""Opens sources as the command line does, with a stand-in for W&B where one is given."""

from __future__ import annotations

from collections.abc import Callable

from lib.model.choices import Choices
from lib.model.sweep import Sweep
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import Request
from lib.sources.record import Address


class _StandIn(OwnReading):
    def __init__(self, fetch: Callable[[Address], Sweep]) -> None:
        super().__init__()
        self._fetch = fetch

    def wandb(self, address: Address, *, histories: bool) -> Sweep:
        return self._fetch(address)


def opened(
    *sources: str,
    sweep_config: str | None = None,
    choices: Choices | None = None,
    fetch: Callable[[Address], Sweep] | None = None,
) -> Sweep:
    """Return the sweep of sources, files allowed.

    sweep_config : its text. fetch : takes the place of W&B.
    """
    request = Request(sources, config_of_named=sweep_config, files_allowed=sources)
    return open_sweep(request, choices or Choices(), OwnReading() if fetch is None else _StandIn(fetch))
