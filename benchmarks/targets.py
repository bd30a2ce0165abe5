"""Each target with its measured value. A target that was not measured is shown as not met."""

from benchmarks.lower_bound import lower_bound
from benchmarks.results import Results
from benchmarks.workload import MANY_EVENTS, MONTH, PAGE, TWO_YEARS, WAITING, YEAR, Workload

AT_MOST = "at most"
AT_LEAST = "at least"
MIB_OF_A_GB = 1000**3 / 1024**2


def rows(results: Results) -> list[dict[str, str]]:
    def over(target: str, work: Workload, over: str, under: str, kind: str, wanted: float) -> dict[str, str]:
        return _row(target, kind, wanted, results.ratio(work, over, under, "wall"))

    return [
        over("365 days through Dagster over dlt + dbt", YEAR, "ours", "dlt-dbt", AT_MOST, 0.8),
        over("365 days through Dagster over the floor", YEAR, "ours", "floor", AT_MOST, 4),
        over("30 days through Dagster over dlt + dbt", MONTH, "ours", "dlt-dbt", AT_MOST, 0.8),
        over(
            "a day of everything over an empty run of as many steps",
            MONTH,
            "ours-daily",
            "empty-daily",
            AT_MOST,
            1.6,
        ),
        *(
            over(f"data plane over the floor, {work.days} days", work, "data-plane", "floor", AT_MOST, 1.5)
            for work in (MONTH, YEAR, TWO_YEARS)
        ),
        over(
            "stock IO manager, one range run of 365 days, over ours",
            YEAR,
            "stock-range",
            "ours",
            AT_LEAST,
            6,
        ),
        over(
            "definitions load over `import dagster`",
            MONTH,
            "definitions-load",
            "import-dagster",
            AT_MOST,
            1.15,
        ),
        _row(
            "page of a month for 500 people, seconds beyond start-up",
            AT_MOST,
            3,
            _beyond(results, PAGE, "page", "start-page"),
        ),
        _row(
            "answers after 300 ms, 365 days within Cursor's limits, over waiting alone",
            AT_MOST,
            1.1,
            _over_waiting(results, WAITING, "data-plane"),
        ),
        _row(
            "data plane's peak memory for 10 million events, MiB",
            AT_MOST,
            round(MIB_OF_A_GB),
            _median(results, MANY_EVENTS, "data-plane", "peak_mib"),
        ),
        _row(
            "data plane's peak memory, 730 over 30 days",
            AT_MOST,
            1.2,
            _growth(results, "data-plane", "peak_mib"),
        ),
    ]


def _row(target: str, kind: str, wanted: float, found: float | None) -> dict[str, str]:
    met = found is not None and (found <= wanted if kind is AT_MOST else found >= wanted)
    return {
        "target": target,
        "target value": f"{kind} {wanted:g}",
        "measured": "not measured" if found is None else f"{found:,.2f}",
        "met": "yes" if met else "no",
    }


def _median(results: Results, work: Workload, competitor: str, measure: str) -> float | None:
    figure = results.figure(work, competitor, measure)
    return figure.median if figure else None


def _beyond(results: Results, work: Workload, competitor: str, start: str) -> float | None:
    whole, part = (_median(results, work, name, "wall") for name in (competitor, start))
    return whole - part if whole is not None and part is not None else None


def _growth(results: Results, competitor: str, measure: str) -> float | None:
    long, short = (_median(results, work, competitor, measure) for work in (TWO_YEARS, MONTH))
    return long / short if long and short else None


def _over_waiting(results: Results, work: Workload, competitor: str) -> float | None:
    """The work without start-up, over the time that latency and limits alone require."""
    seconds = _median(results, work, competitor, "work")
    return (
        seconds / lower_bound(work, results.of(work, competitor)[0]["server_requests"]) if seconds else None
    )
