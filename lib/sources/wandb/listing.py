"""What there is to choose from on W&B: entities, projects and sweeps, as far as the access permits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from lib.sources.record import Address
from lib.sources.wandb.access import Access, permits, permitted_entities
from lib.sources.wandb.paging import project_entries, sweep_nodes
from lib.sources.wandb.session import WAIT, Session


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """A project that may be opened."""

    entity: str
    name: str
    created_at: datetime | None

    @property
    def address(self) -> str:
        """`ENTITY/PROJECT`."""
        return f"{self.entity}/{self.name}"


@dataclass(frozen=True, slots=True)
class SweepEntry:
    """A sweep of a project. `runs` is how many it has; None where the server doesn't tell."""

    entity: str
    project: str
    id: str
    name: str
    state: str
    runs: int | None
    created_at: datetime | None

    @property
    def address(self) -> str:
        """`ENTITY/PROJECT/SWEEP_ID`."""
        return f"{self.entity}/{self.project}/{self.id}"


def list_entities(access: Access, *, wait: float = WAIT) -> tuple[str, ...]:
    """Return the entities to choose from, in order of name: the key's own and its teams, or those it is lent for.

    Raises SourceUnavailable where W&B refuses or can't be reached. Costs a request, or none for a lent key.
    """
    permitted = permitted_entities(access)
    if permitted is not None:
        return permitted
    session = Session(access, Address("project", "your account"), wait)
    viewer = session.ask(lambda api: api.viewer)
    return tuple(sorted({*(team for team in viewer.teams), *([viewer.entity] if viewer.entity else [])}))


def list_projects(access: Access, entity: str, *, wait: float = WAIT) -> tuple[ProjectEntry, ...]:
    """Return an entity's projects that the access permits, newest first. Costs a request for every 200 projects.

    Raises SourceUnavailable where W&B shows the key no such entity, refuses or can't be reached.
    """
    if not _any_permitted(access, entity):
        return ()
    session = Session(access, Address("project", entity, entity=entity), wait)
    entries = [ProjectEntry(entity, found.name, _time(found.created_at)) for found in project_entries(session)]
    return tuple(sorted((e for e in entries if _permits_some(access, entity, e.name)), key=_newest_first))


def list_sweeps(access: Access, entity: str, project: str, *, wait: float = WAIT) -> tuple[SweepEntry, ...]:
    """Return a project's sweeps that the access permits, newest first. Costs two requests, and one for each 200 more.

    Raises SourceUnavailable where W&B shows the key no such project, refuses or can't be reached.
    """
    if not _permits_some(access, entity, project):
        return ()
    address = Address("project", f"{entity}/{project}", entity=entity, project=project)
    entries = [
        SweepEntry(
            entity,
            project,
            node.name,
            str(node.display_name or node.name),
            str(node.state).lower(),
            node.run_count,
            _time(node.created_at),
        )
        for node in sweep_nodes(Session(access, address, wait))
        if permits(access, entity, project, node.name)
    ]
    return tuple(sorted(entries, key=_newest_first))


def _any_permitted(access: Access, entity: str) -> bool:
    entities = permitted_entities(access)
    return entities is None or entity in entities


def _permits_some(access: Access, entity: str, project: str) -> bool:
    return permits(access, entity, project) or any(
        tuple(pattern.split("/")[:2]) == (entity, project) for pattern in access.allowed
    )


def _newest_first(entry: ProjectEntry | SweepEntry) -> tuple[float, str]:
    return (-entry.created_at.timestamp() if entry.created_at else 0.0, entry.address)


def _time(text: object) -> datetime | None:
    moment = pd.to_datetime(str(text), utc=True, errors="coerce")
    return moment.to_pydatetime() if isinstance(moment, pd.Timestamp) else None
