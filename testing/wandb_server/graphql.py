"""The GraphQL operations that the SDK sends, answered from a Store."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from testing.wandb_server.filters import BadFilter, matches, ordered
from testing.wandb_server.store import Project, Run, Store

_WORD = re.compile(r"\w+")
RUN_FIELDS = frozenset(Run("", None).node())
_OPERATION = re.compile(r"\b(query|mutation)\s+(\w+)")


class Refused(Exception):
    """The answer is an HTTP status with a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GraphQL:
    """Answers operations; `page_cap` is the most runs that a page gives, as a server may limit it.

    remember : filter and sort runs, and write pages of them, once only (until `forget`).
    """

    def __init__(self, store: Store, page_cap: int | None = None, *, remember: bool = False) -> None:
        self.store = store
        self.page_cap = page_cap
        self._remember = remember
        self._lists: dict[tuple[str, str, str], list[Run]] = {}
        self._pages: dict[tuple[str, frozenset[str], str], str] = {}

    def forget(self) -> None:
        """Drop what is remembered: the data changed."""
        self._lists.clear()
        self._pages.clear()

    def answer(self, key: str, query: str, variables: dict[str, Any]) -> tuple[str, bytes]:
        """Return the operation's name and the response body. Raises Refused for what W&B answers with a status."""
        kind, operation = operation_of(query)
        if kind == "mutation":
            raise Refused(403, "this server takes no mutations")
        handler = getattr(self, f"_{operation}", None)
        if handler is None:
            message = f"the stand-in server does not know the operation {operation}"
            return operation, json.dumps({"data": None, "errors": [{"message": message}]}).encode()
        try:
            data = handler(key, query, variables)
        except BadFilter as error:
            raise Refused(500, str(error)) from error
        body = data if isinstance(data, str) else json.dumps(data)
        return operation, f'{{"data":{body}}}'.encode()

    def _Viewer(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        paths = self.store.keys[key]
        entities = sorted({path.split("/")[0] for path in (self.store.projects if "*" in paths else paths)})
        teams = {"edges": [{"node": {"name": entity}} for entity in entities]}
        viewer = {"id": "VXNlcjox", "entity": entities[0] if entities else "stand-in", "username": "stand-in"}
        return {"viewer": {**viewer, "name": "Stand In", "email": "stand@in.example", "flags": "{}", "teams": teams,
                           "admin": False, "deletedAt": None, "apiKeys": {"edges": []}}}  # fmt: skip

    _GetViewer = _Viewer
    _GetDefaultEntity = _Viewer

    def _ServerFeaturesQuery(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        return {"serverInfo": {"features": []}}

    def _GetProjects(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        entity = variables.get("entity")
        projects = [p for path, p in sorted(self.store.projects.items()) if p.entity == entity]
        projects = [p for p in projects if self.store.visible(key, p.path)]
        start, size = _window(variables)
        edges = [{"node": _project_node(project)} for project in projects[start : start + size]]
        return {"models": {"pageInfo": _page_info(start + len(edges), len(projects)), "edges": edges}}

    def _GetSweep(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        project = self._project(key, variables)
        if project is None:
            return {"project": None}
        found = [sweep for sweep in project.sweeps if sweep.id == variables["name"]]
        count = sum(run.sweep == variables["name"] for run in project.runs)
        return {"project": {"sweep": found[0].node(count) if found else None}}

    _GetSweepLegacy = _GetSweep

    def _GetSweeps(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        project = self._project(key, variables)
        if project is None:
            return {"project": None}
        counts: dict[str | None, int] = {}
        for run in project.runs:
            counts[run.sweep] = counts.get(run.sweep, 0) + 1
        start, size = _window(variables)
        page = project.sweeps[start : start + size]
        edges = [{"node": sweep.node(counts.get(sweep.id, 0))} for sweep in page]
        info = _page_info(start + len(edges), len(project.sweeps))
        return {"project": {"totalSweeps": len(project.sweeps), "sweeps": {"pageInfo": info, "edges": edges}}}

    def _Runs(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        project = self._project(key, variables)
        if project is None:
            return {"project": None}
        names = frozenset(_WORD.findall(query)) & RUN_FIELDS
        remembered = (project.path, names, json.dumps(variables, sort_keys=True))
        if remembered in self._pages:
            return self._pages[remembered]
        page = self._page_of_runs(project, names, variables)
        if self._remember:
            self._pages[remembered] = json.dumps(page)
        return page

    def _page_of_runs(self, project: Project, names: frozenset[str], variables: dict[str, Any]) -> Any:
        runs = self._listed(project, variables.get("filters") or "{}", variables.get("order") or "")
        start, size = _window(variables)
        size = min(size, self.page_cap or size)
        edges = []
        for position, run in enumerate(runs[start : start + size], start + 1):
            node = {name: value for name, value in run.node().items() if name in names}
            edges.append({"node": node, "cursor": _cursor(position)})
        return {
            "project": {
                "internalId": "1",
                "runCount": len(runs),
                "readOnly": True,
                "runs": {"edges": edges, "pageInfo": _page_info(start + len(edges), len(runs))},
            }
        }

    def _Run(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        run = self._run(key, variables)
        names = set(_WORD.findall(query))
        node = run and {name: value for name, value in run.node().items() if name in names}
        return {"project": {"run": node}}

    def _RunFullHistory(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        run = self._run(key, variables)
        if run is None:
            return {"project": {"run": None}}
        rows = _sample(run.history, variables.get("samples") or 500)
        return {"project": {"run": {"history": [json.dumps(row) for row in rows], "events": []}}}

    def _RunSampledHistory(self, key: str, query: str, variables: dict[str, Any]) -> Any:
        run = self._run(key, variables)
        if run is None:
            return {"project": {"run": None}}
        answers = []
        for spec in map(json.loads, variables["specs"]):
            rows = [row for row in run.history if all(name in row for name in spec["keys"])]
            answers.append([{name: row[name] for name in spec["keys"]} for row in _sample(rows, spec["samples"])])
        return {"project": {"run": {"sampledHistory": answers}}}

    def _project(self, key: str, variables: dict[str, Any]) -> Project | None:
        return self.store.visible(key, f"{variables['entity']}/{variables['project']}")

    def _run(self, key: str, variables: dict[str, Any]) -> Run | None:
        project = self._project(key, variables)
        return next((run for run in project.runs if run.id == variables["name"]), None) if project else None

    def _listed(self, project: Project, filters: str, order: str) -> list[Run]:
        asked = (project.path, filters, order)
        if asked in self._lists:
            return self._lists[asked]
        conditions = json.loads(filters)
        runs = ordered([run for run in project.runs if matches(run, conditions)], order)
        if self._remember:
            self._lists[asked] = runs
        return runs


def operation_of(query: str) -> tuple[str, str]:
    """Return the kind and the name of a GraphQL document's operation."""
    found = _OPERATION.search(query)
    return (found.group(1), found.group(2)) if found else ("query", "unnamed")


def _window(variables: dict[str, Any]) -> tuple[int, int]:
    cursor = variables.get("cursor")
    start = int(base64.b64decode(cursor).decode().split(":")[1]) if cursor else 0
    return start, int(variables.get("perPage") or 50)


def _cursor(position: int) -> str:
    return base64.b64encode(f"arrayconnection:{position}".encode()).decode()


def _page_info(end: int, total: int) -> dict[str, Any]:
    return {"__typename": "PageInfo", "endCursor": _cursor(end), "hasNextPage": end < total}


def _project_node(project: Project) -> dict[str, Any]:
    return {
        "__typename": "Project",
        "id": f"UHJvamVjdDo{project.name}",
        "name": project.name,
        "entityName": project.entity,
        "createdAt": project.created_at,
        "isBenchmark": False,
        "user": None,
    }


def _sample(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    if len(rows) <= count:
        return rows
    return [rows[round(index * (len(rows) - 1) / (count - 1))] for index in range(count)]
