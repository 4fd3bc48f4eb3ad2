"""Findings and recommendations: what was found, in words with its evidence, and the next sweep to run."""

from typing import Literal

import streamlit as st

from lib.charts.progress import convergence_chart
from lib.findings import findings_by_group
from lib.report import headlines, tables
from lib.ui.downloads import report_downloads
from lib.ui.shell import SECTIONS, open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_text

report = open_section("findings")
show_headline(headlines.findings_headline(report), headlines.objective_rule(report))

COLOURS: dict[str, Literal["green", "blue", "gray"]] = {"strong": "green", "moderate": "blue", "weak": "gray"}
scripts = {section.address: section for section in SECTIONS}
for heading, found in findings_by_group(report):
    st.subheader(heading, anchor=False)
    for finding in found:
        strength, text, link = st.columns([1, 8, 1.3])
        strength.badge(finding.strength, color=COLOURS[finding.strength])
        with text:
            show_text(finding.text)
        if finding.section in scripts and finding.section != "findings":
            there = scripts[finding.section]
            link.page_link(there.script, label=there.label, icon=":material/arrow_forward:")

st.subheader("What to sweep next", anchor=False)
recommended = report.next_sweep
if recommended is None:
    show_text("These runs say too little to recommend a next sweep.")
else:
    show_text(headlines.next_sweep_sentence(report))
    yaml, why = st.columns([3, 2], gap="large")
    with yaml:
        st.code(recommended.to_yaml(), language="yaml", wrap_lines=True)
        st.download_button(
            "Sweep config (YAML)",
            data=recommended.to_yaml(),
            file_name="next-sweep.yaml",
            mime="application/yaml",
            on_click="ignore",
            icon=":material/download:",
        )
        st.code(recommended.command, language="bash", wrap_lines=True)
    with why:
        for change in recommended.changes:
            show_text(f"{change.parameter}: {change.action}, {change.before} → {change.after}. {change.why}")
        show_note(recommended.runs_why)
        show_note(recommended.expected)

if report.convergence is not None:
    st.subheader("Would more runs help?", anchor=False)
    show_text(headlines.convergence_sentence(report))
    show_chart(
        report.picture(convergence_chart, report.convergence, report.population.objective),
        "convergence",
        f"Expected best {report.population.objective.metric} of the first k runs in random order, with its 95% band.",
    )
    show_note(
        "Solid: the expected best of so many of these runs in any order, with its 95% band. Dashed: as they came."
    )
    show_folded_table(
        "The table behind the chart",
        tables.convergence_table,
        report.convergence,
        name="convergence",
        label="Expected best by number of runs",
    )

st.subheader("Conclusion", anchor=False)
show_text(headlines.conclusion(report))

st.subheader("Take the report with you", anchor=False)
report_downloads(report)
