"""Small sweeps for the tests of claims."""

import numpy as np
import pandas as pd

from lib.analysis.population import Population, population
from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.sweep import Declaration, Origin


def runs_of(config, objective, *, goal="maximize", declared=None, ids=None, order=None) -> Population:
    """The population of runs with these config columns and objective values, in the given row order."""
    n = len(objective)
    frame = pd.DataFrame(config, index=range(n))
    table = pd.DataFrame(
        {
            "run_id": ids or [f"r{i:07d}" for i in range(n)],
            "name": [f"run-{i}" for i in range(n)],
            "state": "finished",
            "created_at": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="min"),
        },
        index=range(n),
    )
    summary = pd.DataFrame({"score": np.asarray(objective, dtype=float)}, index=range(n))
    if order is not None:
        frame, table, summary = (part.iloc[order].reset_index(drop=True) for part in (frame, table, summary))
    declarations = ()
    if declared is not None:
        whole = {"method": "random", "metric": {"name": "score", "goal": goal}, "parameters": declared}
        declarations = (Declaration(id="s", config=whole),)
    sweep = assemble(Origin("csv", "test"), table, frame, summary=summary, declarations=declarations)
    return population(sweep, Choices(metric="score", goal=goal))
