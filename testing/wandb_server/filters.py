"""W&B's run filters (a Mongo dialect) and orders, as far as the SDK's documentation and reports of use go."""

from __future__ import annotations

import re
from typing import Any

from testing.wandb_server.store import Run


class BadFilter(Exception):
    """The server answers this with HTTP 500, as W&B is reported to do."""


def matches(run: Run, filters: dict[str, Any]) -> bool:
    """Whether a run satisfies every condition."""
    for key, wanted in filters.items():
        if key == "$and":
            if not all(matches(run, part) for part in wanted):
                return False
        elif key == "$or":
            if not any(matches(run, part) for part in wanted):
                return False
        elif not _holds(_value(run, key), wanted, key):
            return False
    return True


def ordered(runs: list[Run], order: str | None) -> list[Run]:
    """Return runs in the order asked for; `+created_at` where nothing is."""
    order = order or "+created_at"
    descending = order.startswith("-")
    key = order.lstrip("+-")
    named = {"created_at": "createdAt", "heartbeat_at": "heartbeatAt"}.get(key, key)
    return sorted(runs, key=lambda run: _sortable(_value(run, named)), reverse=descending)


def _sortable(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (int, float)):
        return (1, float(value), "")
    return (2, 0.0, str(value))


def _value(run: Run, key: str) -> Any:
    plain = {
        "sweep": run.sweep,
        "name": run.id,
        "displayName": run.display_name,
        "display_name": run.display_name,
        "state": run.state,
        "tags": run.tags,
        "group": run.group,
        "jobType": run.job_type,
        "username": "stand-in",
        "createdAt": run.created_at,
        "heartbeatAt": run.heartbeat_at,
    }
    if key in plain:
        return plain[key]
    if key.startswith("config."):
        return (run.config or {}).get(key.removeprefix("config.").removesuffix(".value"))
    if key.startswith("summary_metrics."):
        return (run.summary or {}).get(key.removeprefix("summary_metrics."))
    return None


def _holds(value: Any, wanted: Any, key: str) -> bool:
    if not isinstance(wanted, dict):
        return wanted in value if isinstance(value, list) else value == wanted
    return all(_compare(value, operator, operand, key) for operator, operand in wanted.items())


def _compare(value: Any, operator: str, operand: Any, key: str) -> bool:
    if operator in ("$gt", "$gte", "$lt", "$lte"):
        if key.endswith("At"):
            if not isinstance(operand, str):
                raise BadFilter(f"{key} is compared with something that is not a time")
            if not operand.endswith("Z"):
                return False
        if value is None:
            return False
        return {
            "$gt": value > operand,
            "$gte": value >= operand,
            "$lt": value < operand,
            "$lte": value <= operand,
        }[operator]
    if operator == "$ne":
        return value != operand
    if operator in ("$in", "$nin"):
        held = any(item in operand for item in value) if isinstance(value, list) else value in operand
        return held if operator == "$in" else not held
    if operator == "$regex":
        return isinstance(value, str) and re.search(operand, value) is not None
    if operator == "$exists":
        return (value is not None) == operand
    raise BadFilter(f"unknown operator {operator}")
