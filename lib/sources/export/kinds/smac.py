"""SMAC's runhistory.json: what each trial cost, and which configuration it tried, in two places of one file.

The forms are those of `RunHistory.save` in https://github.com/automl/SMAC3, versions 1.4 (pairs of a key and a value),
2.0 to 2.2 (lists) and 2.3 (objects); examples of two lie in https://github.com/automl/DeepCAVE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_KEY = ("config_id", "instance", "seed", "budget")
_VALUE = ("cost", "time", "status", "starttime", "endtime", "additional_info")
# Lists got one more place when the time of the processor was recorded too.
_WITH_CPU = ("cost", "time", "cpu_time", "status", "starttime", "endtime", "additional_info")
_STATES = {0: "running", 1: "finished", 2: "crashed", 3: "failed", 4: "failed"}
"""Of `StatusType`: running, success, crashed, timeout, out of memory."""


def runs_of_smac(value: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return one record a trial, with its configuration and its cost; None for what is no runhistory of SMAC.

    A trial whose configuration isn't in the file keeps its cost. Several costs are numbered.
    """
    configs, data = value.get("configs"), value.get("data")
    if not isinstance(configs, Mapping) or not isinstance(data, list) or not data:
        return None
    trials = [_trial(one) for one in data]
    known = [one for one in trials if one is not None and "cost" in one]
    return [_record(one, configs) for one in known] if len(known) == len(trials) else None


def _trial(one: Any) -> Mapping[str, Any] | None:
    if isinstance(one, Mapping):
        return one if "config_id" in one else None
    if not isinstance(one, list):
        return None
    if len(one) == 2 and all(isinstance(part, list) for part in one):
        return dict(zip(_KEY, one[0], strict=False)) | dict(zip(_VALUE, one[1], strict=False))
    names: Sequence[str] = _VALUE if len(one) == len(_KEY) + len(_VALUE) else _WITH_CPU
    return dict(zip(_KEY, one, strict=False)) | dict(zip(names, one[len(_KEY) :], strict=False))


def _record(trial: Mapping[str, Any], configs: Mapping[str, Any]) -> dict[str, Any]:
    config = configs.get(str(trial["config_id"]))
    cost = trial["cost"]
    costs = {"cost": cost} if not isinstance(cost, list) else {f"cost_{at}": one for at, one in enumerate(cost, 1)}
    setting = {key: trial[key] for key in ("instance", "seed", "budget") if trial.get(key) is not None}
    times = {"created_at": trial.get("starttime"), "runtime": trial.get("time")}
    return {
        "state": _state(trial.get("status")),
        **{name: one for name, one in times.items() if one is not None},
        "config": {**(config if isinstance(config, Mapping) else {}), **setting},
        "summary": costs,
    }


def _state(status: Any) -> str:
    if isinstance(status, Mapping):
        status = str(status.get("__enum__", "")).rpartition(".")[2].lower()
    return _STATES.get(status, "") if isinstance(status, int) else str(status or "")
