"""`make mutants`: break the product at one place at a time, and print what the tests notice."""

import argparse
import time
from datetime import UTC, datetime
from itertools import chain, islice, zip_longest

from mutants import coverage_map, python_code, sql_code
from mutants.checkout import CHECKOUT, HOME, environment, prepared
from mutants.document import write
from mutants.folders import BY_NAME, FOLDERS, Folder
from mutants.mutant import Mutant, sampled
from mutants.python_tests import Broken
from mutants.runs import Runs
from mutants.scores import Outcome, scores, table
from mutants.session import Session
from mutants.sql_rules import RuleProcess
from mutants.touching import Candidate, check_tests, chosen, sql_tests, test_files, touching

SQL_MAX_SECONDS = 300.0


class Measure:
    """One session: what is measured goes to its database when it is known."""

    def __init__(self, session: Session, runs: Runs, max_seconds: float) -> None:
        self.session = session
        self.max_seconds = max_seconds
        self.rules = RuleProcess(CHECKOUT, environment(), SQL_MAX_SECONDS)
        self.broken = Broken(CHECKOUT, runs)
        self.map = coverage_map.kept()

    def is_due(self, mutant: Mutant, *, again: bool) -> bool:
        """Whether it is not measured yet, or survived and is tried again."""
        is_known = self.session.has(mutant)
        return not is_known or (again and self.session.outcome(mutant) is Outcome.SURVIVED)

    def measure(self, mutant: Mutant) -> Outcome:
        found, output = self._found(mutant)
        self.session.add(mutant, found, output)
        return self.session.outcome(mutant)

    def _found(self, mutant: Mutant) -> tuple[Outcome, str]:
        if mutant.path.suffix == ".py":
            line, _ = mutant.start
            tests = touching(CHECKOUT, mutant.path, line, mutant.definition, mutant.texts, self.map)
            return self._by_tests(mutant, mutant.after, tests)
        if mutant.path.parent.name == "sql":
            return self._by_tests(mutant, mutant.after, check_tests(CHECKOUT, mutant.path, self.map))
        return self._by_rules(mutant)

    def _by_rules(self, mutant: Mutant) -> tuple[Outcome, str]:
        try:
            failed, count = self.rules.failed(mutant.path.stem, mutant.after)
        except TimeoutError as error:
            return Outcome.TIMED_OUT, str(error)
        if failed:
            return Outcome.KILLED, failed
        header = "-- One row is\n-- From\n-- Caveat:\n"
        tests = sql_tests(CHECKOUT, mutant.path, self.map)
        found, output = self._by_tests(mutant, header + mutant.after, tests)
        return found, output or f"{count} cases pass"

    def _by_tests(self, mutant: Mutant, after: str, tests: list[Candidate]) -> tuple[Outcome, str]:
        return self.broken.outcome(mutant.path, after, chosen(tests, self.max_seconds))


def sample(folder: Folder, size: int, seed: int) -> list[Mutant]:
    """The first mutants of the folder, in the order of the seed, without those that change nothing."""
    found = (
        mutant
        for path in folder.files(CHECKOUT)
        for mutant in (sql_code if path.suffix == ".sql" else python_code).mutants_of(CHECKOUT, path)
    )
    return list(islice((mutant for mutant in sampled(found, seed) if mutant.diff), size))


def main() -> None:
    options = arguments()
    commit = prepared()
    print(f"commit {commit[:7]}, seed {options.seed}", flush=True)
    end = time.monotonic() + 60 * options.minutes
    runs = Runs(CHECKOUT, environment())
    if options.map:
        left = coverage_map.make(test_files(CHECKOUT), 60 * options.minutes, runs)
        runs.close()
        print(f"{left} test files are not in the map yet")
        return
    names = options.folder or list(BY_NAME)
    samples = {name: sample(BY_NAME[name], options.per_folder, options.seed) for name in names}
    measure = Measure(Session(HOME / f"{commit[:12]}-{options.seed}.sqlite"), runs, options.seconds)
    # one of each folder in turn, so that each has its share of the time
    for mutant in chain.from_iterable(zip_longest(*samples.values())):
        if mutant and time.monotonic() < end and measure.is_due(mutant, again=options.again):
            show(mutant, measure.measure(mutant))
    outcomes = [
        outcome for name, mutants in samples.items() for outcome in measure.session.outcomes(name, mutants)
    ]
    measure.rules.close()
    runs.close()
    print()
    print(table(scores(outcomes)))
    if options.write:
        write(f"{datetime.now(UTC):%Y-%m-%d}", commit[:7], scores(outcomes))


def show(mutant: Mutant, found: Outcome) -> None:
    """Print a mutant, with its change if the tests did not notice it."""
    line = "" if mutant.path.suffix == ".sql" else f":{mutant.start[0]}"
    print(f"{found:<10} {mutant.path}{line} {mutant.operator}", flush=True)
    if found in {Outcome.SURVIVED, Outcome.TIMED_OUT}:
        print("".join(f"    {line}\n" for line in mutant.diff.splitlines()), end="", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    names = [folder.name for folder in FOLDERS]
    parser.add_argument(
        "--folder", action="append", choices=names, help="a folder; the default is all of them"
    )
    parser.add_argument("--per-folder", type=int, default=20, help="places that are broken in each folder")
    parser.add_argument(
        "--minutes", type=float, default=60, help="when to stop; the next call goes on from there"
    )
    parser.add_argument("--seed", type=int, default=1, help="which places are in the sample")
    parser.add_argument(
        "--seconds", type=float, default=60, help="how long the tests of a mutant may take, by the map"
    )
    parser.add_argument("--again", action="store_true", help="try those that survived once more")
    parser.add_argument("--map", action="store_true", help="record which test runs which lines, instead")
    parser.add_argument("--write", action="store_true", help="write the table to docs/reliability.md, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
