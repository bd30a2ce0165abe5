"""Each target beside its figure. One that nobody measured says so; it is not met."""

from benchmarks.bound import bound
from benchmarks.results import Figure, Results, a_run_a_day, exponent
from benchmarks.work import Work

MOST = "at most"
LEAST = "at least"
MIB_OF_A_GB = 1000**3 / 1024**2
YEAR = 365


def rows(results: Results) -> list[dict[str, str]]:
    plain = [work for work in results.works() if not (work.latency_ms or work.limits or work.events)]
    smallest = [work for work in plain if work.people == min(w.people for w in plain)]
    made = [*_floor(results, smallest), *_peers(results, plain), *_requests(results, plain)]
    made += [*_overhead(results, plain), *_memory(results, smallest), *_linear(results), *_waiting(results)]
    return made


def _row(target: str, kind: str, wanted: float, found: float | None, note: str = "") -> dict[str, str]:
    met = found is not None and (found <= wanted if kind is MOST else found >= wanted)
    figure = "not measured" if found is None else f"{found:,.2f}"
    return {
        "target": target,
        "wanted": f"{kind} {wanted:g}",
        "figure": f"{figure}{note}",
        "met": "yes" if met else "no",
    }


def _floor(results: Results, works: list[Work]) -> list[dict[str, str]]:
    made = []
    for work in works:
        for measure, alone in (("wall", "work"), ("cpu", "work_cpu")):
            found = results.ratio(work, "data-plane", "floor", measure)
            inner = results.ratio(work, "data-plane", "floor", alone)
            if found is not None:
                note = f" (after start and imports: {inner:,.2f})" if inner else ""
                made.append(_row(f"data plane over the floor, {measure}, {work}", MOST, 1.5, found, note))
    return made


def _peers(results: Results, works: list[Work]) -> list[dict[str, str]]:
    made = []
    for work in works:
        ahead = results.ratio(work, "dlt-parquet", "data-plane", "wall")
        if ahead is not None:
            made.append(_row(f"dlt's parquet loader over the data plane, wall, {work}", LEAST, 3, ahead))
        stock = results.ratio(work, "stock-range", "ours", "wall")
        if stock is not None:
            made.append(_row(f"stock IO manager, one range run, over ours, wall, {work}", LEAST, 3.5, stock))
        daily, ours = (
            results.figure(work, "stock-daily", a_run_a_day(work.days)),
            results.figure(work, "ours", "wall"),
        )
        if daily and ours:
            found = daily.median / ours.median
            made.append(
                _row(f"stock IO manager, a run a day (extrapolated), over ours, {work}", LEAST, 100, found)
            )
    return made


def _requests(results: Results, works: list[Work]) -> list[dict[str, str]]:
    made = []
    for work in works:
        fewest, ours = (_asked(results, work, name) for name in ("floor", "data-plane"))
        if fewest and ours:
            made.append(_row(f"requests beyond the fewest, {work}", MOST, 0, ours - fewest))
    return made


def _asked(results: Results, work: Work, contestant: str) -> float | None:
    figure = results.figure(work, contestant, lambda sample: sum(sample["server_requests"].values()))
    return figure.median if figure else None


def _overhead(results: Results, works: list[Work]) -> list[dict[str, str]]:
    made = []
    for work in works:
        for target, over, under, wanted in (
            ("a day of all assets over an empty run of as many steps", "ours-daily", "empty-daily", 1.3),
            ("loading the definitions over `import dagster`", "definitions-load", "import-dagster", 1.25),
        ):
            found = results.ratio(work, over, under, "wall")
            if found is not None:
                made.append(_row(f"{target}, wall", MOST, wanted, found))
    return made


def _memory(results: Results, works: list[Work]) -> list[dict[str, str]]:
    peaks = [(work, results.figure(work, "data-plane", "peak_mib")) for work in works]
    known: list[tuple[Work, Figure]] = [(work, peak) for work, peak in peaks if peak]
    made = []
    if len(known) > 1:
        (short, low), (long, high) = known[0], known[-1]
        target = f"data plane's peak memory, {long.days} over {short.days} days"
        made.append(_row(target, MOST, 1.2, high.median / low.median))
    for work in results.works():
        peak = results.figure(work, "data-plane", "peak_mib") if work.events else None
        if peak and work.events >= 10_000_000:
            made.append(
                _row(f"data plane's peak, MiB, {work.events:,} events", MOST, round(MIB_OF_A_GB), peak.median)
            )
    return made


def _linear(results: Results) -> list[dict[str, str]]:
    points = [
        (float(work.events), figure.median)
        for work in results.works()
        if work.events and (figure := results.figure(work, "data-plane", "work"))
    ]
    found = exponent(points)
    return [_row("exponent of time in events, data plane", MOST, 1.05, found)] if found else []


def _waiting(results: Results) -> list[dict[str, str]]:
    made = []
    for work in results.works():
        if not (work.latency_ms or work.limits):
            continue
        for name in results.contestants(work):
            sample = results.of(work, name)[0]
            least = bound(work, sample["server_requests"])
            wall = results.figure(work, name, "work" if "work" in sample else "wall")
            if wall and least:
                note = f" ({wall.median:,.1f} s; {least:,.1f} s of waiting, eight requests of an endpoint at once)"
                made.append(
                    _row(
                        f"{name} over what limits and latency dictate, {work}",
                        MOST,
                        1.1,
                        wall.median / least,
                        note,
                    )
                )
    return made
