"""The code with which a reader fetches the same data without this program."""

from __future__ import annotations

import re

from lib.model.sweep import Sweep

_SWEEP_ADDRESS = re.compile(r"([\w.-]+)/([\w.-]+)/([\w-]+)")
_PROJECT_ADDRESS = re.compile(r"([\w.-]+)/([\w.-]+)")

_FETCH = """\
import pandas as pd
import wandb

api = wandb.Api(overrides={{"entity": "{entity}"}})
runs = api.runs(
    "{entity}/{project}",
    filters={filters},
    order="+created_at",
    per_page=1000,      # few requests; the default is 50 a page
    lazy=False,         # config and summary come with the page, not one request a run
    include_sweeps=False,
)
rows = [
    {{
        "run_id": run.id,
        "name": run.name,
        "state": run.state,
        **{{f"config.{{key}}": value for key, value in run.config.items()}},
        **{{f"summary.{{key}}": value for key, value in run.summary_metrics.items()}},
    }}
    for run in runs
]
frame = pd.DataFrame(rows)
print(frame["state"].value_counts())
"""

_READ_EXPORT = """\
import pandas as pd

# On the sweep's page on W&B: the runs table, its download button, then CSV.
frame = pd.read_csv({name!r})
print(len(frame), "runs;", list(frame.columns))
"""

_READ_SAMPLE = """\
import pandas as pd

# The sample ships with the program, as a snapshot: one row a run.
frame = pd.read_parquet({name!r})
print(len(frame), "runs;", list(frame.columns))
"""


def fetching_code(sweep: Sweep) -> str:
    """Return Python that reads the same runs: from W&B in few requests, or from the file that was opened."""
    if sweep.origin.kind == "wandb":
        first = sweep.origin.label.split(" + ")[0]
        found = _SWEEP_ADDRESS.match(first)
        if found:
            entity, project, sweep_id = found.groups()
            return _FETCH.format(entity=entity, project=project, filters=f'{{"sweep": "{sweep_id}"}}')
        found = _PROJECT_ADDRESS.match(first)
        if found:
            return _FETCH.format(entity=found[1], project=found[2], filters="None")
    if sweep.origin.kind == "sample":
        return _READ_SAMPLE.format(name="sample/sweep.parquet")
    return _READ_EXPORT.format(name=sweep.origin.label)
