"""What the stand-in server holds: projects, sweeps and runs, in the shapes that W&B's GraphQL gives out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Run:
    """One run. `config` is without W&B's {"value": ...} wrapping; `summary_text` overrides `summary` with raw JSON."""

    id: str
    display_name: str | None
    state: str = "finished"
    created_at: str = "2025-06-01T00:00:00Z"
    heartbeat_at: str | None = "2025-06-01T00:10:00Z"
    sweep: str | None = None
    config: dict[str, Any] | None = field(default_factory=dict)
    summary: dict[str, Any] | None = field(default_factory=dict)
    config_text: str | None = None
    summary_text: str | None = None
    system: dict[str, Any] | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    def node(self) -> dict[str, Any]:
        """Return every field that the SDK's queries name."""
        return {
            "id": f"UnVuOnYxOg{self.id}",
            "projectId": "1",
            "tags": self.tags,
            "name": self.id,
            "displayName": self.display_name,
            "sweepName": self.sweep,
            "state": self.state,
            "config": self.config_json(),
            "group": self.group,
            "jobType": self.job_type,
            "commit": None,
            "readOnly": True,
            "createdAt": self.created_at,
            "heartbeatAt": self.heartbeat_at,
            "description": "",
            "notes": "",
            "systemMetrics": None if self.system is None else json.dumps(self.system),
            "summaryMetrics": self.summary_json(),
            "historyLineCount": len(self.history),
            "user": {"name": "Stand In", "username": "stand-in"},
            "historyKeys": history_keys(self.history),
        }

    def config_json(self) -> str | None:
        """Return the config as W&B stores it: JSON text, each value wrapped, with its own `_wandb` entry."""
        if self.config_text is not None:
            return self.config_text
        if self.config is None:
            return None
        wrapped = {key: {"value": value, "desc": None} for key, value in self.config.items()}
        return json.dumps({**wrapped, "_wandb": {"value": {"cli_version": "0.31.0", "t": {"1": [1, 5]}}, "desc": None}})

    def summary_json(self) -> str | None:
        """Return the summary as JSON text."""
        if self.summary_text is not None:
            return self.summary_text
        return None if self.summary is None else json.dumps(self.summary)


def history_keys(history: list[dict[str, Any]]) -> dict[str, Any]:
    """Return W&B's description of the keys that a history has."""
    names = sorted({name for row in history for name in row})
    keys = {name: {"typeCounts": [{"type": "number", "count": len(history)}], "monotonic": False} for name in names}
    return {"sets": [], "keys": keys, "lastStep": len(history) - 1}


@dataclass
class StoredSweep:
    """One sweep; `config_text` is YAML as W&B keeps it."""

    id: str
    config_text: str
    display_name: str | None = None
    state: str = "FINISHED"
    created_at: str = "2025-06-01T00:00:00Z"

    def node(self, run_count: int) -> dict[str, Any]:
        """Return every field of the SDK's SweepFragment."""
        return {
            "__typename": "Sweep",
            "id": f"U3dlZXA6{self.id}",
            "name": self.id,
            "displayName": self.display_name,
            "method": "bayes",
            "state": self.state,
            "description": None,
            "bestLoss": None,
            "config": self.config_text,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "runCount": run_count,
            "runCountExpected": None,
            "priorRunsFilters": None,
        }


@dataclass
class Project:
    """One project of an entity, its runs in order of arrival."""

    entity: str
    name: str
    sweeps: list[StoredSweep] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    created_at: str = "2025-05-01T00:00:00Z"

    @property
    def path(self) -> str:
        """`entity/project`."""
        return f"{self.entity}/{self.name}"


@dataclass
class Store:
    """All projects by path, and which key may see which of them ("*" = all)."""

    projects: dict[str, Project] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, project: Project) -> Project:
        """Add a project and return it."""
        self.projects[project.path] = project
        return project

    def visible(self, key: str, path: str) -> Project | None:
        """Return the project if it exists and the key may see it; W&B answers alike for both failings."""
        permitted = self.keys.get(key, ())
        if "*" not in permitted and path not in permitted:
            return None
        return self.projects.get(path)
