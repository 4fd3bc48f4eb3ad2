"""Values as JSON holds them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lib.model.columns import plain


def json_ready(value: Any) -> Any:
    """Turn numpy and pandas values into plain ones, and what is not finite into None, at any depth."""
    if isinstance(value, dict):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, np.ndarray):
        return [json_ready(item) for item in value.tolist()]
    value = plain(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
