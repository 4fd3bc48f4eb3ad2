"""JSON with names beside values: [{"name": "lr", "value": 0.1}], as Vertex AI, Katib, MLflow and SageMaker write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = ("name", "key", "parameterid", "metricid", "metricname", "parametername")
_VALUES = ("value", "latest")
# What may stand beside a name and its value.
_BESIDE = frozenset(("timestamp", "step", "min", "max", "type", "model_id", "dataset_name", "dataset_digest", "run_id"))

_ENVELOPES = (
    (("info", "data"), ("inputs", "outputs")),
    (("metadata", "spec", "status"), ("apiVersion", "kind")),
)


def by_name(value: Any) -> Any:
    """Return a JSON value in which each list of names with values is a mapping, where no name is there twice.

    So is a single {"MetricName": …, "Value": …}. What may stand beside a value (timestamp, step, type) is dropped.
    """
    if isinstance(value, Mapping):
        alone = _pair(value) if any(str(key).lower() == "metricname" for key in value) else None
        return dict((alone,)) if alone is not None else {key: by_name(one) for key, one in value.items()}
    if isinstance(value, list):
        named = dict(pair for one in value if (pair := _pair(one)) is not None)
        return named if value and len(named) == len(value) else [by_name(one) for one in value]
    return value


def in_one_record(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a run out of the objects that MLflow (info, data) and Kubernetes (metadata, spec, status) put it in."""
    for parts, besides in _ENVELOPES:
        if all(isinstance(run.get(part), Mapping) for part in parts) and run.keys() <= {*parts, *besides}:
            return {key: one for part in parts for key, one in run[part].items()}
    return run


def _pair(value: Any) -> tuple[str, Any] | None:
    """Return the name and the value of one mapping that holds little else; None for any other."""
    if not isinstance(value, Mapping):
        return None
    keys = {str(key).lower(): key for key in value}
    names, values = (next((keys[one] for one in of if one in keys), None) for of in (_NAMES, _VALUES))
    if names is None or values is None or keys.keys() - {*_NAMES, *_VALUES, *_BESIDE}:
        return None
    name, held = value[names], value[values]
    return (name, held) if isinstance(name, str) and name and not isinstance(held, (Mapping, list)) else None
