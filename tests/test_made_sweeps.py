"""The sweeps that the measurements of `bench/` are made on."""

from lib.report import build_report
from testing.made_sweeps import OBJECTIVE, PARAMETERS, made_snapshot, made_sweep


def test_a_made_sweep_is_the_same_each_time_and_has_what_the_tables_say():
    one = made_sweep(60)
    assert one.data_sha256 == made_sweep(60).data_sha256
    assert len(one) == 60
    assert set(PARAMETERS) <= set(one.config.columns)
    assert one.summary.shape[1] == 30
    report = build_report(str(made_snapshot(60)))
    assert report.population.objective.metric == OBJECTIVE
    assert {p.name for p in report.population.searched} == set(PARAMETERS)
