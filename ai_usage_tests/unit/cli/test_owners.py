"""Who may own a key: the evidence in words, and the whole line that is proposed for api_key_owners.csv."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from ai_usage_assets.cli.owners import Found, Key, Proposal, propose

DAY = date(2026, 11, 18)
NOTHING = "no proposal: nothing says whose it is"
TAKEN = "api_key_owners.csv has an owner for it already, from another day on"


def key(api_key_id: str, name: str | None, owner: str = "unattributed", **more: object) -> Key:
    row = dict.fromkeys(("workspace_name", "created_by_email", "no_owner_reason", "last_cost_date"))
    given = {"api_key_id": api_key_id, "name": name, "user_email": owner, "workspace_id": "w"}
    return Key({**row, **given, "actor_type": "unknown", "is_active": True, "cost_usd": 1, **more})


FOUND = Found(
    [
        key("k1", "batch", "bob@x.example"),
        key("k2", "batch", "bob@x.example"),
        key("k3", "web", "ann.lee@x.example"),
        # whoever has left owns nothing
        *(key(f"k{n}", "old", "jo@x.example") for n in range(4, 8)),
        key("k9", "one of each", "bob@x.example", workspace_id="even"),
        key("k10", "one of each", "ann.lee@x.example", workspace_id="even"),
        key("k11", None, "unattributed"),
    ],
    {"k9": ("ann.lee@x.example", DAY), "gone": ("jo@x.example", DAY)},
    {"ann.lee@x.example": True, "bob@x.example": True, "jo@x.example": False, "mira.fox@x.example": True},
)


def period(api_key_id: str, valid_to: date | None) -> Mapping[str, Any]:
    return {"api_key_id": api_key_id, "valid_to": valid_to}


@pytest.mark.parametrize(
    ("of", "known", "evidence", "line"),
    [
        # who created it, before any other evidence
        (
            key("k9", "Ann Lee", created_by_email="bob@x.example", actor_type="service"),
            [],
            "bob@x.example created it",
            ("k9", "bob@x.example", "Ann Lee", "", "", "service"),
        ),
        (
            key("k9", "batch"),
            [],
            "ann.lee@x.example was its owner until 2026-11-18",
            ("k9", "ann.lee@x.example", "batch", "", "", ""),
        ),
        (
            key("k9", "batch"),
            [period("k9", date(2026, 10, 1)), period("k9", date(2026, 11, 1)), period("other", None)],
            "ann.lee@x.example was its owner until 2026-11-18",
            ("k9", "ann.lee@x.example", "batch", "2026-11-02", "", ""),
        ),
        # an open end may be written as the last day that there is
        (key("k9", "batch"), [period("k9", None)], TAKEN, None),
        (key("k9", "batch"), [period("k9", date.max)], TAKEN, None),
        (
            key("k8", "Lee-Ann-dev"),
            [],
            "ann.lee@x.example is in its name",
            ("k8", "ann.lee@x.example", "Lee-Ann-dev", "", "", "person"),
        ),
        # a first name alone says it if it has four letters or more
        (
            key("k8", "mira-dev", actor_type="service"),
            [],
            "mira.fox@x.example is in its name",
            ("k8", "mira.fox@x.example", "mira-dev", "", "", "service"),
        ),
        (
            key("k8", "ann-dev", workspace_id=None),
            [],
            NOTHING,
            None,
        ),
        (
            key("k8", "bob"),
            [],
            "bob@x.example is in its name",
            ("k8", "bob@x.example", "bob", "", "", "person"),
        ),
        (
            key("k8", "jo"),
            [],
            "no proposal: jo@x.example is in its name, and has left. Who took it over?",
            None,
        ),
        (
            key("gone", "x"),
            [],
            "no proposal: jo@x.example was its owner until 2026-11-18, and has left. Who took it over?",
            None,
        ),
        # two names say nothing
        (
            key("k8", "bob and mira", workspace_name="Research"),
            [],
            "bob@x.example owns 2 of 3 owned keys of Research",
            ("k8", "bob@x.example", "bob and mira", "", "", ""),
        ),
        (
            key("k8", None),
            [],
            "bob@x.example owns 2 of 3 owned keys of its workspace",
            ("k8", "bob@x.example", "", "", "", ""),
        ),
        (key("k8", "cron", workspace_id="even"), [], NOTHING, None),
        (key("k8", "cron", workspace_id="other"), [], NOTHING, None),
        (key("k8", "cron", workspace_id=None), [], NOTHING, None),
    ],
)
def test_an_owner_is_proposed_by_the_best_evidence(
    of: Key, known: Sequence[Mapping[str, Any]], evidence: str, line: tuple[str, ...] | None
) -> None:
    assert propose(of, FOUND, known) == Proposal(evidence, line)


def test_a_key_is_described_by_its_name_what_it_lacks_and_what_it_cost() -> None:
    assert key("k", "cron", cost_usd=1234.5).description == "cron, 1,234.50 USD"
    assert (
        key("k", None, no_owner_reason="no_creator", is_active=False).description
        == "no name, no_creator, 1.00 USD, not active"
    )
    assert [each.api_key_id for each in FOUND.unowned] == ["k11"]
