"""The results of one commit, in a database of cosmic-ray's own form. What is in it is not measured again."""

from collections.abc import Iterable
from pathlib import Path

from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkItem, WorkResult

from mutants.equivalents import change, equivalents
from mutants.mutant import Mutant
from mutants.scores import Outcome

TEST_OUTCOMES = {
    Outcome.KILLED: TestOutcome.KILLED,
    Outcome.SURVIVED: TestOutcome.SURVIVED,
    Outcome.TIMED_OUT: TestOutcome.INCOMPETENT,
}
OUTCOMES = {value: key for key, value in TEST_OUTCOMES.items()}


class Session:
    """The results, by the names of the mutants."""

    def __init__(self, path: Path) -> None:
        self._database = WorkDB(path, WorkDB.Mode.create)
        self._known = {item.job_id for item in self._database.work_items}
        self._results = dict(self._database.results)

    def has(self, mutant: Mutant) -> bool:
        return mutant.name in self._results

    def add(self, mutant: Mutant, outcome: Outcome, output: str) -> None:
        if mutant.name not in self._known:
            line, column = mutant.start
            spec = MutationSpec(
                module_path=mutant.path,
                operator_name=mutant.operator,
                occurrence=mutant.occurrence,
                start_pos=mutant.start,
                end_pos=(line, column + 1),
                definition_name=mutant.definition,
            )
            self._database.add_work_item(WorkItem.single(mutant.name, spec))
            self._known.add(mutant.name)
        result = WorkResult(
            worker_outcome=WorkerOutcome.NORMAL,
            output=output,
            test_outcome=TEST_OUTCOMES[outcome],
            diff=mutant.diff,
        )
        self._database.set_result(mutant.name, result)
        self._results[mutant.name] = result

    def outcome(self, mutant: Mutant) -> Outcome:
        """What became of a measured mutant, by today's list of equivalent ones."""
        result = self._results[mutant.name]
        found = OUTCOMES[result.test_outcome]
        if found is Outcome.SURVIVED and change(str(mutant.path), result.diff) in equivalents():
            return Outcome.EQUIVALENT
        return found

    def outcomes(self, folder: str, mutants: Iterable[Mutant]) -> list[tuple[str, Outcome]]:
        """The folder with the outcome of each mutant that is measured."""
        return [(folder, self.outcome(mutant)) for mutant in mutants if self.has(mutant)]
