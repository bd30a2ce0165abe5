"""What is odd about the people and keys that both vendors list."""

from collections import Counter
from typing import Any


def test_one_person_is_spelled_differently_at_both_vendors(still: Any) -> None:
    users = {user["email"] for user in still.listed("/users", limit=1000)}
    members = {member["email"] for member in still.cursor.get("/members").json()["teamMembers"]}
    assert any(email.lower() in members and email not in members for email in users)
    assert "j.okafor@tidewater.example" in members and "jide.okafor@tidewater.example" in users


def test_two_keys_share_a_name(still: Any) -> None:
    names = Counter(key["name"] for key in still.listed("/api_keys", limit=1000))
    assert names["shared"] == 2


def test_names_have_one_word_or_five_and_letters_of_any_kind(still: Any) -> None:
    names = [user["name"] for user in still.listed("/users", limit=1000)]
    assert {len(name.split()) for name in names} >= {1, 2, 5}
    assert not all(name.isascii() for name in names)
    assert "" in {member["name"] for member in still.cursor.get("/members").json()["teamMembers"]}
