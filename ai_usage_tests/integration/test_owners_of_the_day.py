"""Who owned a key on a day stays its owner of that day, whatever the vendor's list says when the day is read again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.people import FIVE_WORD_NAME, ONE_WORD_NAME
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_tests.support.harness import Harness

D18, D19, D20 = date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)
KEYS = "/v1/organizations/api_keys"
FACTS = {"fct_usage_daily": ("usage_date", "output_tokens"), "fct_cost_daily": ("cost_date", "cost_usd")}
TABLES = ",".join(
    (
        "raw_anthropic_usage",
        "raw_anthropic_cost",
        "raw_anthropic_account_usage",
        "raw_anthropic_users",
        "raw_anthropic_api_keys",
        *FACTS,
    )
)
ANA, BO = "ana.delacruz@tidewater.example", "saraswati@tidewater.example"


class Vendor(Harness):
    """An organization in which the evaluation key changes hands, and the warehouse that reads it."""

    @property
    def key(self) -> str:
        """The id of the evaluation key."""
        return self.sandbox.company.directory.keys["evals"].id

    def read(self, days: Days, *, on: date, principal: int) -> None:
        """One run on that day, on which the key acts as that person; the list is read with it."""
        now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        user = self.sandbox.company.directory.user(principal)

        def acts_as_the_user(body: dict[str, Any], _: object) -> None:
            for key in body["data"]:
                if key["id"] == self.key:
                    key["principal"] = user

        self.sandbox.now = now
        self.sandbox.faults.next(KEYS, Fault(damage=acts_as_the_user), times=10)
        assert self.errors(TABLES, days, now=now) == {}
        self.sandbox.faults.clear()

    def owners(self, fact: str) -> dict[date, dict[str, Decimal]]:
        """The key's sum by day and person."""
        day, measure = FACTS[fact]
        sql = (
            f"select {day} as day, user_email, cast(sum({measure}) as numeric) as total from {fact} "
            f"where api_key_id = '{self.key}' group by 1, 2"
        )
        found: dict[date, dict[str, Decimal]] = {}
        for row in self.fetch(sql):
            found.setdefault(row["day"], {})[row["user_email"]] = row["total"]
        return found


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Vendor]:
    with running(Company(people=12), now=datetime(2026, 11, 19, 12, tzinfo=UTC)) as sandbox:
        yield Vendor(sandbox, tmp_path)


def test_a_day_that_is_read_again_keeps_the_keys_owner_of_that_day(
    vendor: Vendor,
) -> None:
    vendor.read(Days.one(D18), on=D19, principal=FIVE_WORD_NAME)
    vendor.read(Days.one(D19), on=D20, principal=ONE_WORD_NAME)
    before = {fact: vendor.owners(fact)[D19] for fact in FACTS}

    vendor.read(Days(D19, D20), on=D20 + ONE_DAY, principal=ONE_WORD_NAME)

    for fact, published in before.items():
        owners = vendor.owners(fact)
        assert {day: list(owner) for day, owner in owners.items()} == {D18: [ANA], D19: [ANA], D20: [BO]}
        assert owners[D19] == published
        assert all(total > 0 for owner in owners.values() for total in owner.values())
