"""What `doctor` says of a vendor's clock, and of an answer's shape: fields and types, and no value."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ai_usage_assets.findings import Finding, failure, ok, warning
from ai_usage_assets.sources.http.first_answer import Answer
from ai_usage_assets.sources.probe import clock
from ai_usage_assets.sources.shapes import FieldShape, shape, unknown_values
from ai_usage_assets.sources.source import CURSOR

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
HINT = "Set the clock, for example with NTP: it decides which UTC days are over."
AGREES = ok("clock", "This machine and Cursor agree within a minute.")


@pytest.mark.parametrize(
    ("skew", "found"),
    [
        (None, warning("clock", "Cursor does not tell the time.", "Compare this machine's clock yourself.")),
        (MINUTE, AGREES),
        (-MINUTE, AGREES),
        (MINUTE + SECOND, warning("clock", "This machine is 61 s ahead of Cursor.", HINT)),
        (-MINUTE - SECOND, warning("clock", "This machine is 61 s behind Cursor.", HINT)),
        (30 * MINUTE, warning("clock", "This machine is 1800 s ahead of Cursor.", HINT)),
        (-30 * MINUTE - SECOND, failure("clock", "This machine is 1801 s behind Cursor.", HINT)),
    ],
)
def test_a_clock_may_differ_by_a_minute_and_fails_beyond_thirty(
    skew: timedelta | None, found: Finding
) -> None:
    assert clock(CURSOR, skew) == found


class Person(msgspec.Struct):
    email: str
    kind: str
    age: int | None = None


class People(msgspec.Struct):
    people: list[Person]
    by_tool: dict[str, int] | None = None


KINDS = {"kind": frozenset({"Usage-based", "Included in Business"})}


def shaped(**sent: Any) -> dict[str, FieldShape]:
    found = shape(Answer(People, msgspec.json.encode(sent), None), KINDS)
    assert found.problem == ""
    return dict(found.fields)


def test_a_shape_has_each_field_with_its_types_and_how_often_it_is_there_and_no_value() -> None:
    found = shaped(
        people=[
            {"email": "ann@x.org", "kind": "Usage-based", "age": None, "joined": "2026-11-20"},
            {"email": "ben@x.org", "kind": "cy@x.org", "ann lee": 7},
            {"email": "", "kind": "Of tomorrow", "age": 7},
        ],
        by_tool={"ann@x.org": 1, "ben": 2},
    )
    assert {
        name: (each.types, each.parents, each.is_expected, each.is_required) for name, each in found.items()
    } == {
        "people": ({"list": 1}, 1, True, True),
        "people[].email": ({"text": 2, "empty text": 1}, 3, True, True),
        "people[].kind": ({"text": 3}, 3, True, True),
        "people[].age": ({"null": 1, "whole number": 1}, 3, True, False),
        # of a field that is not known only the type, and its name only if it looks like one
        "people[].joined": ({"day": 1}, 1, False, False),
        "people[].(not shown)": ({"whole number": 1}, 1, False, False),
        "by_tool": ({"object": 1}, 1, True, False),
        "by_tool.*": ({"whole number": 2}, 2, True, False),
    }
    kind, age = found["people[].kind"], found["people[].age"]
    assert kind.values == {"Usage-based", "(not shown)", "Of tomorrow"}
    assert list(unknown_values("people[].kind", kind, KINDS)) == ["(not shown)", "Of tomorrow"]
    assert (age.type_names, age.null_share, round(age.absent_share, 3)) == (["whole number"], 0.5, 0.333)
    assert "x.org" not in repr(found)


def test_the_many_names_of_an_object_that_are_not_known_are_not_shown() -> None:
    person = {"email": "a", "kind": "Usage-based"}
    few, many = ({f"n{n}": n for n in range(count)} for count in (20, 21))
    assert "people[].n0" in shaped(people=[person | few])
    assert shaped(people=[person | many])["people[].(not shown)"].parents == 21


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("2026-11-20", "day"),
        ("2026-11-20T00:00:00.123+01:00", "time"),
        ("2026-11-20T00:00:00Z", "time"),
        ("12", "digits"),
        ("-1.5", "decimal text"),
        ("1e3", "text"),
        (1.5, "number"),
        (True, "true or false"),
        ({}, "object"),
    ],
)
def test_a_kind_of_text_that_a_record_may_depend_on_is_told_apart(sent: Any, kind: str) -> None:
    found = shaped(people=[{"email": "a", "kind": "b", "new": sent}])
    assert found["people[].new"].types == {kind: 1}


def test_one_value_in_three_spellings_is_known_and_a_problem_names_no_key_of_a_map() -> None:
    spellings = FieldShape(values={"USAGE_EVENT_KIND_USAGE_BASED", "usage based", "Usage-Based"})
    assert list(unknown_values("events[].kind", spellings, KINDS)) == []
    sent = msgspec.json.encode({"people": [], "by_tool": {"ann@x.org": "many"}})
    broken = shape(Answer(People, sent, None), KINDS)
    assert broken.problem == "by_tool[]: Expected int, got str"
    assert shape(Answer(People, b"<html>", None), KINDS).problem == "it is not JSON"
