"""The one door: from a request to its sweep, whoever asks: request -> sources -> declare -> join -> Sweep.

The command line, `build_report` and the app read the same request through here. They differ in their `Reading`: how W&B
is asked, where a visitor's files are read, and what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from lib.model.numbers import count
from lib.model.objective import wants_histories
from lib.model.sweep import Choices, Declaration, Sweep
from lib.report.request import Request, Upload
from lib.sources import open_file
from lib.sources.join import join
from lib.sources.known_links import with_known_links
from lib.sources.record import Address
from lib.sources.registry import PLACES, format_named, no_source
from lib.sources.sweep_config import declare, parse_sweep_config


class VisitorReader(Protocol):
    """Reads what a visitor handed in, which may be anything."""

    def sweep_config(self, text: str, name: str) -> Declaration:
        """Read a sweep config; `name` is what messages call it. Raises InputError."""

    def upload(
        self, upload: Upload, *, declaration: Declaration | None, parameters: tuple[str, ...], metric: str | None
    ) -> Sweep:
        """Read an upload, as `lib.sources.open_upload` does. Raises InputError."""


class Reading(Protocol):
    """What whoever opens a request hands in."""

    def wandb(self, address: Address, *, histories: bool) -> Sweep:
        """Read a source of W&B, or return it as it was read before. It may be asked for more than once."""

    def visitor(self) -> AbstractContextManager[VisitorReader]:
        """Give what reads a visitor's files."""

    def keep(self, key: tuple[Hashable, ...], make: Callable[[], Sweep]) -> Sweep:
        """Return what `make` makes, or what it made before for the same request and key."""


def open_sweep(request: Request, choices: Choices, reading: Reading, *, histories: bool = False) -> Sweep:
    """Read what a request names, as one Sweep.

    A source that is named twice is read once, and a warning says so. A sweep config takes the place of what each source
    declares that it is for; sources stay separate sweeps under it. Only addresses known to be safe stay links.

    choices : where a source is a table that doesn't mark config and results, the metric and the parameters settle it;
        the rule for the value of a run may need W&B's histories.
    histories : whether W&B is asked for every run's history even where the choices don't want it; other sources bring
        theirs along anyway.

    Raises InputError where the request is wrong or an input can't be used, SourceUnavailable where W&B can't be had.
    """
    addresses, repeated = _distinct(request)
    if not addresses and not request.uploads:
        raise no_source()
    _config_of_named(request)  # Said before anything is asked for, if it can't be read.
    made = {derivation.name for derivation in choices.derive}
    parameters = tuple(name for name in choices.parameters or () if name not in made)
    metric = None if choices.metric in made else choices.metric
    if not _read_by_choices(request, addresses):
        parameters, metric = (), None

    def read(with_histories: bool) -> Sweep:
        # Before what is kept is asked for, which lets nobody go who waits for it; and held until it has answered.
        on_wandb = [reading.wandb(one, histories=with_histories) for one in addresses if one.on_wandb]
        if len(on_wandb) == 1 and _alone(request, addresses) and not repeated:
            return with_known_links(on_wandb[0], request.base_url)
        return reading.keep(
            (parameters, metric, with_histories),
            lambda: _joined(request, addresses, repeated, reading, parameters, metric, with_histories),
        )

    if not any(address.on_wandb for address in addresses):
        return read(False)
    return read(True) if histories or wants_histories(read(False), choices) else read(False)


def _distinct(request: Request) -> tuple[list[Address], dict[str, int]]:
    """Return each source once, and how often each was named that was named more than once, by what people see of it."""
    addresses = request.addresses()
    named: dict[tuple[Hashable, ...], int] = {}
    for address in addresses:
        named[address.key] = named.get(address.key, 0) + 1
    distinct = list({address.key: address for address in reversed(addresses)}.values())[::-1]
    repeated = {address.label: named[address.key] for address in distinct if named[address.key] > 1}
    for upload in request.distinct_uploads():
        times = request.uploads.count(upload)
        if times > 1:
            repeated[upload.name] = times
    return distinct, repeated


def _alone(request: Request, addresses: list[Address]) -> bool:
    """Whether one source is all that there is, with no sweep config for it."""
    alone = len(addresses) == 1 and not request.uploads
    return alone and request.sweep_config is None and _config_for(request, addresses[0]) is None


def _read_by_choices(request: Request, addresses: list[Address]) -> bool:
    """Whether a source's columns are read by the reader's choices: whether one is a table that doesn't mark them."""
    names = [address.label for address in addresses if address.path is not None]
    return any(format_named(name).read_by_choices for name in (*names, *(upload.name for upload in request.uploads)))


def _joined(
    request: Request,
    addresses: list[Address],
    repeated: dict[str, int],
    reading: Reading,
    parameters: tuple[str, ...],
    metric: str | None,
    histories: bool,
) -> Sweep:
    uploads = request.distinct_uploads()
    several = len(addresses) + len(uploads) > 1
    named = _config_of_named(request)
    given, uploaded = None, []
    if request.sweep_config is not None or uploads:
        # Before anything else: what reads a visitor's files isn't held while W&B is asked.
        with reading.visitor() as reader:
            if request.sweep_config is not None:
                given = reader.sweep_config(request.sweep_config, "The sweep config")
            for upload in uploads:
                uploaded.append(
                    reader.upload(upload, declaration=_of_one(given, several), parameters=parameters, metric=metric)
                )
    sweeps = []
    for address in addresses:
        config = given if given is not None else named if _config_for(request, address) is not None else None
        sweeps.append(_read(address, reading, _of_one(config, several), parameters, metric, histories))
    sweep = join([*sweeps, *uploaded])
    if several:
        sweep = _named(sweep, given if given is not None else named)
    said = tuple(
        f"{name} was named {'twice' if times == 2 else count(times, 'time')}, and was read once."
        for name, times in repeated.items()
    )
    return with_known_links(replace(sweep, warnings=(*sweep.warnings, *said)) if said else sweep, request.base_url)


def _of_one(config: Declaration | None, several: bool) -> Declaration | None:
    """Return a config for one source: without its name where there are several, which stay separate sweeps."""
    return replace(config, name=None) if config is not None and several else config


def _named(sweep: Sweep, config: Declaration | None) -> Sweep:
    """Return joined sources that declare no sweep of their own, under the name that the config gives."""
    if config is None or len(sweep.declarations) != 1:
        return sweep
    (one,) = sweep.declarations
    if one.id is not None or one.name is not None:
        return sweep
    return sweep.with_declarations((replace(one, name=config.name),))


def _config_of_named(request: Request) -> Declaration | None:
    text = request.config_of_named
    return None if text is None else _parsed(text, request.config_name)


@lru_cache(maxsize=4)
def _parsed(text: str, name: str) -> Declaration:
    return parse_sweep_config(text, name)


def _config_for(request: Request, address: Address) -> str | None:
    """Return the text of the sweep config that was named with the program, for a source that was named with it."""
    return request.config_of_named if address.key in request.named_keys() else None


def _read(
    address: Address,
    reading: Reading,
    declaration: Declaration | None,
    parameters: tuple[str, ...],
    metric: str | None,
    histories: bool,
) -> Sweep:
    if address.path is not None:
        return open_file(address.path, address.label, declaration=declaration, parameters=parameters, metric=metric)
    read = next((place.read for place in PLACES if place.kind == address.kind), None)
    sweep = read(address) if read is not None else reading.wandb(address, histories=histories)
    return sweep if declaration is None else declare(sweep, declaration)
