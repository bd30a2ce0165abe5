"""Each target with its measured value. A target that was not measured is shown as not met."""

from benchmarks.lower_bound import lower_bound
from benchmarks.results import Figure, Results, exponent, extrapolate_daily_runs
from benchmarks.workload import Workload

AT_MOST = "at most"
AT_LEAST = "at least"
MIB_OF_A_GB = 1000**3 / 1024**2
YEAR = 365


def rows(results: Results) -> list[dict[str, str]]:
    plain = [work for work in results.works() if not (work.latency_ms or work.limits or work.events)]
    smallest = [work for work in plain if work.people == min(w.people for w in plain)]
    found_rows = [*_floor(results, smallest), *_peers(results, plain), *_requests(results, plain)]
    found_rows += [
        *_overhead(results, plain),
        *_memory(results, smallest),
        *_linear(results),
        *_waiting(results),
    ]
    return found_rows


def _row(target: str, kind: str, wanted: float, found: float | None, note: str = "") -> dict[str, str]:
    met = found is not None and (found <= wanted if kind is AT_MOST else found >= wanted)
    figure = "not measured" if found is None else f"{found:,.2f}"
    return {
        "target": target,
        "target value": f"{kind} {wanted:g}",
        "measured": f"{figure}{note}",
        "met": "yes" if met else "no",
    }


def _floor(results: Results, works: list[Workload]) -> list[dict[str, str]]:
    found_rows = []
    for work in works:
        for measure, alone in (("wall", "work"), ("cpu", "work_cpu")):
            found = results.ratio(work, "data-plane", "floor", measure)
            inner = results.ratio(work, "data-plane", "floor", alone)
            if found is not None:
                note = f" (after start and imports: {inner:,.2f})" if inner else ""
                found_rows.append(
                    _row(f"data plane over the floor, {measure}, {work}", AT_MOST, 1.5, found, note)
                )
    return found_rows


def _peers(results: Results, works: list[Workload]) -> list[dict[str, str]]:
    found_rows = []
    for work in works:
        faster = results.ratio(work, "dlt-parquet", "data-plane", "wall")
        if faster is not None:
            found_rows.append(
                _row(f"dlt's parquet loader over the data plane, wall, {work}", AT_LEAST, 3, faster)
            )
        stock = results.ratio(work, "stock-range", "ours", "wall")
        if stock is not None:
            found_rows.append(
                _row(f"stock IO manager, one range run, over ours, wall, {work}", AT_LEAST, 3.5, stock)
            )
        daily, ours = (
            results.figure(work, "stock-daily", extrapolate_daily_runs(work.days)),
            results.figure(work, "ours", "wall"),
        )
        if daily and ours:
            found = daily.median / ours.median
            found_rows.append(
                _row(
                    f"stock IO manager, one run per day (extrapolated), over ours, {work}",
                    AT_LEAST,
                    100,
                    found,
                )
            )
    return found_rows


def _requests(results: Results, works: list[Workload]) -> list[dict[str, str]]:
    found_rows = []
    for work in works:
        minimum, ours = (_requests_of(results, work, name) for name in ("floor", "data-plane"))
        if minimum and ours:
            found_rows.append(_row(f"requests beyond the minimum, {work}", AT_MOST, 0, ours - minimum))
    return found_rows


def _requests_of(results: Results, work: Workload, competitor: str) -> float | None:
    figure = results.figure(work, competitor, lambda sample: sum(sample["server_requests"].values()))
    return figure.median if figure else None


def _overhead(results: Results, works: list[Workload]) -> list[dict[str, str]]:
    found_rows = []
    for work in works:
        for target, over, under, wanted in (
            (
                "one day of all assets over an empty run with the same number of steps",
                "ours-daily",
                "empty-daily",
                1.3,
            ),
            ("loading the definitions over `import dagster`", "definitions-load", "import-dagster", 1.25),
        ):
            found = results.ratio(work, over, under, "wall")
            if found is not None:
                found_rows.append(_row(f"{target}, wall", AT_MOST, wanted, found))
    return found_rows


def _memory(results: Results, works: list[Workload]) -> list[dict[str, str]]:
    peaks = [(work, results.figure(work, "data-plane", "peak_mib")) for work in works]
    known: list[tuple[Workload, Figure]] = [(work, peak) for work, peak in peaks if peak]
    found_rows = []
    if len(known) > 1:
        (short, low), (long, high) = known[0], known[-1]
        target = f"data plane's peak memory, {long.days} over {short.days} days"
        found_rows.append(_row(target, AT_MOST, 1.2, high.median / low.median))
    for work in results.works():
        peak = results.figure(work, "data-plane", "peak_mib") if work.events else None
        if peak and work.events >= 10_000_000:
            found_rows.append(
                _row(
                    f"data plane's peak, MiB, {work.events:,} events",
                    AT_MOST,
                    round(MIB_OF_A_GB),
                    peak.median,
                )
            )
    return found_rows


def _linear(results: Results) -> list[dict[str, str]]:
    points = [
        (float(work.events), figure.median)
        for work in results.works()
        if work.events and (figure := results.figure(work, "data-plane", "work"))
    ]
    found = exponent(points)
    return [_row("exponent of time in events, data plane", AT_MOST, 1.05, found)] if found else []


def _waiting(results: Results) -> list[dict[str, str]]:
    found_rows = []
    for work in results.works():
        if not (work.latency_ms or work.limits):
            continue
        for name in results.competitors(work):
            sample = results.of(work, name)[0]
            bound = lower_bound(work, sample["server_requests"])
            wall = results.figure(work, name, "work" if "work" in sample else "wall")
            if wall and bound:
                note = f" ({wall.median:,.1f} s; {bound:,.1f} s lower bound, eight requests per endpoint at the same time)"
                found_rows.append(
                    _row(
                        f"{name} over the lower bound of limits and latency, {work}",
                        AT_MOST,
                        1.1,
                        wall.median / bound,
                        note,
                    )
                )
    return found_rows
