"""Mutants of SQL are the mistakes that they are named for, and scores count what became of them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlglot import parse_one

from ai_usage_assets.curated.select import READ
from ai_usage_tests.support.rule_cases import cases, comparable
from mutants import sql_code
from mutants.coverage_map import Touched, digest
from mutants.document import filled
from mutants.equivalents import change, equivalents
from mutants.mutant import Mutant, sampled
from mutants.scores import Outcome, scores, table
from mutants.sql_rows import LoadedCases
from mutants.touching import Candidate, chosen, lines_of

ROOT = Path(__file__).parents[2]
STATEMENT = """-- One row is a day.
select seats.day, coalesce(names.name, 'nobody') as name, sum(seats.cost_usd - 1) as cost_usd
from seats
left join names on names.id = seats.id
where seats.day >= date '2026-01-01' and seats.day > date '2000-01-01' and not seats.is_free
group by 1, 2
"""


@pytest.fixture
def mutants(tmp_path: Path) -> list[Mutant]:
    (tmp_path / "seats.sql").write_text(STATEMENT, encoding="utf-8")
    return list(sql_code.mutants_of(tmp_path, Path("seats.sql")))


def test_a_statement_is_broken_in_each_way_that_its_parts_allow(mutants: list[Mutant]) -> None:
    found = {(mutant.operator.removeprefix("sql/"), *change("", mutant.diff)[1:]) for mutant in mutants}

    since, after = "seats.day >= CAST('2026-01-01' AS DATE)", "AND seats.day > CAST('2000-01-01' AS DATE)"
    where = f"{since} {after} AND NOT seats.is_free"
    joined = "LEFT join names"
    summed, name = "sum(seats.cost_usd - 1) AS cost_usd", "coalesce(names.name, 'nobody') AS name,"
    assert found == {
        ("column", "seats.day,", "NULL AS day,"),
        ("column", name, "NULL AS name,"),
        ("column", summed, "NULL AS cost_usd"),
        ("coalesce", name, "names.name AS name,"),
        ("coalesce", name, "'nobody' AS name,"),
        ("literal", name, "coalesce(names.name, 'nobodyX') AS name,"),
        ("literal", summed, "sum(seats.cost_usd - 11) AS cost_usd"),
        ("aggregate", summed, "MAX(seats.cost_usd - 1) AS cost_usd"),
        ("opposite", summed, "sum(seats.cost_usd + 1) AS cost_usd"),
        ("join_kind", joined, "join names"),
        ("opposite", "ON names.id = seats.id", "ON names.id <> seats.id"),
        ("bound", since, since.replace(">=", ">")),
        ("opposite", "AND NOT seats.is_free", "AND seats.is_free"),
        ("predicate", where, f"{after} AND NOT seats.is_free".removeprefix("AND ")),
        ("predicate", "AND NOT seats.is_free", ""),
        ("predicate", where, "TRUE"),
    }


def test_a_bound_that_only_spares_a_read_is_not_broken(tmp_path: Path) -> None:
    sql = "select day from seats where day >= date '2000-01-01'"
    (tmp_path / "all.sql").write_text(sql, encoding="utf-8")

    (mutant,) = sql_code.mutants_of(tmp_path, Path("all.sql"))
    assert mutant.operator == "sql/column"


def test_the_order_of_a_window_is_the_other_way_round(tmp_path: Path) -> None:
    sql = (
        "select sum(usd) over months as usd from bills"
        " window months as (partition by platform order by month rows unbounded preceding)"
    )
    (tmp_path / "running.sql").write_text(sql, encoding="utf-8")

    found = sql_code.mutants_of(tmp_path, Path("running.sql"))
    (mutant,) = (mutant for mutant in found if mutant.operator == "sql/order")
    assert change("", mutant.diff)[1:] == ("ORDER BY month", "ORDER BY month DESC")


def test_a_changed_statement_is_one_that_the_product_reads(mutants: list[Mutant]) -> None:
    (mutant,) = (mutant for mutant in mutants if mutant.operator == "sql/join_kind")

    assert mutant.before.splitlines()[3:6] == [
        "  sum(seats.cost_usd - 1) AS cost_usd",
        "from seats",
        "LEFT join names",
    ]
    assert mutant.after == mutant.before.replace("LEFT join names", "join names")


def test_every_statement_of_the_product_is_still_itself_when_it_is_written_again() -> None:
    for path in sorted((ROOT / "ai_usage_assets" / "curated").glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        tree = parse_one(sql, read="bigquery")
        written = sql_code.written(tree)
        assert parse_one(written, read="bigquery").sql() == tree.sql(comments=False), path.name
        # select.py finds what a statement reads by its text; functions are written in capitals
        read = {name.lower() for name in READ.findall(written)}
        assert read == {name.lower() for name in READ.findall(re.sub("--.*", "", sql))}, path.name
        assert written.startswith("with\n") == ("with\n" in sql), path.name


def test_a_place_is_broken_once_and_a_larger_sample_begins_with_a_smaller_one(mutants: list[Mutant]) -> None:
    order = list(sampled(mutants, seed=3))

    assert order == list(sampled(reversed(mutants), seed=3))
    assert len({mutant.start for mutant in order}) == len(order) == len({mutant.start for mutant in mutants})
    assert order != list(sampled(mutants, seed=4))


def test_a_score_is_the_share_of_killed_mutants_among_those_that_tests_can_kill() -> None:
    outcomes = [
        *[("sources", Outcome.KILLED)] * 5,
        ("sources", Outcome.SURVIVED),
        *[("sources", Outcome.EQUIVALENT)] * 3,
        ("sources", Outcome.TIMED_OUT),
        ("curated", Outcome.TIMED_OUT),
    ]
    counted = """\
| folder | mutants | killed | survived | equivalent | timed out | score | target |
| --- | --: | --: | --: | --: | --: | --: | --: |
| `curated` | 1 | 0 | 0 | 0 | 1 |  | 90 % |
| `sources` | 10 | 5 | 1 | 3 | 1 | 83 % | 90 % |"""

    assert table(scores(outcomes)) == counted
    document = "# Title\n<!-- scores -->\nold\n<!-- /scores -->\nend\n"
    assert filled(document, "2026-11-26", "abc1234", scores(outcomes)) == (
        f"# Title\n<!-- scores -->\nMeasured on 2026-11-26 at commit `abc1234`.\n\n{counted}\n<!-- /scores -->\nend\n"
    )


def test_the_tests_of_a_mutant_are_likely_and_quick_and_share_the_time_of_their_fixtures() -> None:
    month = {"month": 6.0}
    candidates = [
        Candidate("a.py::slow", 8, 25.0, {}),
        Candidate("b.py::one", 0, 1.0, month),
        Candidate("a.py::quick", 8, 0.1, {}),
        Candidate("b.py::other", 0, 1.5, month),
        Candidate("c.py::far", 0, 2.0, {}),
    ]

    found = chosen(candidates, 12)
    assert found.tests == ["a.py::quick", "c.py::far", "b.py::one", "b.py::other"]
    assert found.seconds == pytest.approx(10.6)
    assert chosen(candidates[:1], 12).tests == ["a.py::slow"]
    assert chosen([], 12).tests == []


def test_a_test_runs_what_the_fixtures_run_that_it_shares(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("x")
    touched = Touched(
        "t.py",
        {"month": 6.0, "t.py::one": 1.0, "engine": 2.0, "t.py::two": 1.0, "t.py::red": 1.0},
        {"t.py::one": ["engine"], "engine": ["month"]},
        ["t.py::red"],
        {"m.py": {"3": [0], "4": [3, 4], "5": [1, 3]}},
        {"m.py": digest(tmp_path / "m.py")},
    )

    assert touched.running(tmp_path, "m.py", {3}) == ["t.py::one"]
    assert touched.running(tmp_path, "m.py", {4, 9}) == ["t.py::two"]
    assert touched.running(tmp_path, "m.py", {9}) == touched.running(tmp_path, "other.py", {3}) == []
    (tmp_path / "m.py").write_text("y")
    assert touched.running(tmp_path, "m.py", {9}) == ["t.py::one", "t.py::two"]


def test_a_line_in_a_function_stands_for_its_statement_and_one_that_runs_at_import_for_every_function() -> (
    None
):
    source = "LIMIT = 3\n\n\ndef f(x):\n    if (\n        x\n    ):\n        g(\n            1,\n        )\n    return 2\n"
    assert lines_of(source, 9) == {8, 9, 10}
    assert lines_of(source, 6) == {5, 6, 7}
    assert lines_of(source, 11) == {11}
    function = {5, 6, 7, 8, 9, 10, 11}
    assert (lines_of(source, 1), lines_of(source, 4)) == ({1} | function, {4} | function)


def test_an_equivalent_mutant_is_found_by_its_changed_lines_wherever_they_stand() -> None:
    listed = equivalents("[{file: a.sql, before: 'x  > 1', after: 'x > 11', reason: x is never 2 to 11}]")

    assert listed[change("a.sql", "-      x > 1\n+      x > 11")].reason == "x is never 2 to 11"
    assert change("b.sql", "-x > 1\n+x > 11") not in listed
    with pytest.raises(TypeError, match="reason"):
        equivalents("[{file: a.sql, before: x, after: y}]")


def test_every_listed_equivalent_has_a_reason_and_a_file() -> None:
    assert [entry.change for entry in equivalents().values() if not entry.reason.strip()] == []
    assert [entry.file for entry in equivalents().values() if not (ROOT / entry.file).exists()] == []


def test_every_listed_change_of_a_statement_is_of_words_that_it_has() -> None:
    written: dict[str, set[str]] = {}
    for file, before, _ in equivalents():
        if not file.endswith(".sql"):
            continue
        if file not in written:
            tree = parse_one((ROOT / file).read_text(encoding="utf-8"), read="bigquery")
            written[file] = set(sql_code.written(tree).split())
        # the changed lines need not follow each other
        assert set(before.split()) <= written[file], (file, before)


def test_rows_in_memory_answer_as_the_rule_cases_expect() -> None:
    loaded, since = LoadedCases(), datetime.now(UTC)
    for case in cases()[::16]:
        loaded.load(case)
        rows = loaded.answer(case, case.select.sql)
        assert case.seen(comparable(row, since) for row in rows) == case.expected, case
