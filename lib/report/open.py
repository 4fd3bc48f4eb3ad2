"""The one door: from a request to its sweep, for every caller: request -> sources -> declare -> join -> Sweep.

The command line, `build_report` and the app read the same request through here. They differ in their `Reading`: how W&B
is asked, where a visitor's files are read, and what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from lib.model.choices import Choices
from lib.model.column_choices import SETTING, roles_of
from lib.model.numbers import count
from lib.model.objective import wants_histories
from lib.model.sweep import Declaration, Sweep
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
    """What the caller who opens a request hands in."""

    def wandb(self, address: Address, *, histories: bool) -> Sweep:
        """Read a source of W&B, or return it as it was read before. It may be asked for more than once."""

    def visitor(self) -> AbstractContextManager[VisitorReader]:
        """Give what reads a visitor's files."""

    def keep(self, key: tuple[Hashable, ...], make: Callable[[], Sweep]) -> Sweep:
        """Return what `make` makes, or what it made before for the same request and key."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is read for a request, and how."""

    request: Request
    """What was asked for."""
    addresses: tuple[Address, ...]
    """The sources, each once."""
    uploads: tuple[Upload, ...]
    """The uploads, each once."""
    repeated: tuple[str, ...]
    """A sentence for each source that was named more than once."""
    parameters: tuple[str, ...]
    """The reader's parameters, where a source's columns are read by them."""
    metric: str | None
    """The reader's metric, likewise."""

    @property
    def several(self) -> bool:
        """Whether sources are joined."""
        return len(self.addresses) + len(self.uploads) > 1

    @property
    def as_read(self) -> bool:
        """Whether the sweep is one source of W&B as it was read: there is nothing to join, declare or say."""
        (first, *more) = self.addresses or (None,)
        alone = first is not None and first.on_wandb and not more and not self.uploads and not self.repeated
        return alone and self.request.sweep_config is None and not self.is_declared(first)

    def is_declared(self, address: Address | None) -> bool:
        """Whether the sweep config that was named with the program is for a source: whether that was named with it."""
        named = self.request.config_of_named is not None
        return named and address is not None and address.key in self.request.named_keys()


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
    plan = _plan(request, choices)

    def read(with_histories: bool) -> Sweep:
        # Before what is kept is asked for, which lets nobody go who waits for it; and held until it has answered.
        on_wandb = [reading.wandb(one, histories=with_histories) for one in plan.addresses if one.on_wandb]
        if plan.as_read:
            return with_known_links(on_wandb[0], request.base_url)
        return reading.keep(
            (plan.parameters, plan.metric, with_histories), lambda: _joined(plan, reading, histories=with_histories)
        )

    if not any(address.on_wandb for address in plan.addresses):
        return read(False)
    return read(True) if histories or wants_histories(read(False), choices) else read(False)


def _plan(request: Request, choices: Choices) -> _Plan:
    """Check the whole request, before anything is read. Raises InputError."""
    named, uploads = request.addresses(), request.distinct_uploads()
    if not named and not uploads:
        raise no_source()
    _config_of_named(request)
    addresses: dict[tuple[str | None, ...], Address] = {}
    for address in named:
        addresses.setdefault(address.key, address)
    keys = [address.key for address in named]
    times = [(address.label, keys.count(key)) for key, address in addresses.items()]
    times += [(upload.name, request.uploads.count(upload)) for upload in uploads]
    made = {derivation.name for derivation in choices.derive}
    files = [*(one.label for one in addresses.values() if one.path is not None), *(upload.name for upload in uploads)]
    by_choices = any(format_named(name).read_by_choices for name in files)
    return _Plan(
        request,
        tuple(addresses.values()),
        uploads,
        tuple(
            f"{label} was named {'twice' if number == 2 else count(number, 'time')}, and was read once."
            for label, number in times
            if number > 1
        ),
        parameters=tuple(name for name in _settings(choices) if by_choices and name not in made),
        metric=choices.metric if by_choices and choices.metric not in made else None,
    )


def _settings(choices: Choices) -> tuple[str, ...]:
    """Return the columns that the reader calls hyperparameters, each once."""
    settings = (name for name, role in roles_of(choices.columns).items() if role == SETTING)
    return tuple(dict.fromkeys((*(choices.parameters or ()), *settings)))


def _joined(plan: _Plan, reading: Reading, *, histories: bool) -> Sweep:
    request, named, given, uploaded = plan.request, _config_of_named(plan.request), None, []
    if request.sweep_config is not None or plan.uploads:
        # First: what reads a visitor's files isn't held while W&B is asked.
        with reading.visitor() as reader:
            if request.sweep_config is not None:
                given = reader.sweep_config(request.sweep_config, "The sweep config")
            for upload in plan.uploads:
                config = _of_one(given, plan)
                uploaded.append(
                    reader.upload(upload, declaration=config, parameters=plan.parameters, metric=plan.metric)
                )
    sweeps = []
    for address in plan.addresses:
        config = given if given is not None else named if plan.is_declared(address) else None
        sweeps.append(_read(address, plan, reading, _of_one(config, plan), histories=histories))
    sweep = join([*sweeps, *uploaded])
    if plan.several:
        sweep = _named(sweep, given if given is not None else named)
    return with_known_links(replace(sweep, warnings=(*sweep.warnings, *plan.repeated)), request.base_url)


def _read(
    address: Address, plan: _Plan, reading: Reading, declaration: Declaration | None, *, histories: bool
) -> Sweep:
    if address.path is not None:
        return open_file(
            address.path, address.label, declaration=declaration, parameters=plan.parameters, metric=plan.metric
        )
    read = next((place.read for place in PLACES if place.kind == address.kind), None)
    sweep = read(address) if read is not None else reading.wandb(address, histories=histories)
    return sweep if declaration is None else declare(sweep, declaration)


def _of_one(config: Declaration | None, plan: _Plan) -> Declaration | None:
    """Return a config for one source: without its name where there are several, which stay separate sweeps."""
    return replace(config, name=None) if config is not None and plan.several else config


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
