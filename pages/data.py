"""Data: where the runs came from, which count and why, how each column was read, and downloads."""

import streamlit as st

from lib.model.derive import without_derived
from lib.report import headlines, source_tables
from lib.report.by_hand import fetching_code
from lib.sources.snapshot.file import snapshot_bytes
from lib.ui.shell import open_section
from lib.ui.show import MOST_ROWS_SHOWN, file_name, show_headline, show_note, show_table

report = open_section("data")
sweep = report.sweep
show_headline(headlines.data_headline(report), headlines.objective_rule(report))

st.subheader("Ledger: every run, used or left out", anchor=False)
show_table(source_tables.ledger_table(report), "ledger", "Runs used, and left out by reason")
show_note(f"The counts add up to all {len(sweep):,} runs.")

st.subheader("How each column was read", anchor=False)
show_note(
    "A run table doesn't say which columns are config and which are results. Where a column was taken wrongly, "
    "choose the objective, its goal, the hyperparameters or their scales in the sidebar."
)
show_table(source_tables.columns_table(report), "columns", "Columns of the source and how each was read")

st.subheader("Runs", anchor=False)
show_table(
    source_tables.runs_table(report, MOST_ROWS_SHOWN),
    "runs",
    "All runs with their config and results",
    links=["url"],
    whole=lambda: source_tables.runs_table(report),
    rows=len(sweep),
)

st.subheader("Keep it", anchor=False)
st.download_button(
    "Snapshot (Parquet)",
    data=lambda: snapshot_bytes(without_derived(sweep)),
    file_name=f"{file_name(sweep.origin.label)}.parquet",
    mime="application/vnd.apache.parquet",
    on_click="ignore",
    icon=":material/download:",
    help="Everything the app knows of these runs in one file: opens later with no account and no network.",
)
show_note(f"Data hash (SHA-256): {sweep.data_sha256}")

st.subheader("The same data by hand", anchor=False)
st.code(fetching_code(sweep), language="python")
