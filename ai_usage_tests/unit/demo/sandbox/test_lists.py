"""Special cases of the people and keys in both vendors' lists."""

from collections import Counter
from typing import Any


def test_one_person_has_different_email_addresses_at_both_vendors(shared: Any) -> None:
    users = {user["email"] for user in shared.listed("/users", limit=1000)}
    members = {member["email"] for member in shared.cursor.get("/members").json()["teamMembers"]}
    assert any(email.lower() in members and email not in members for email in users)
    assert "j.okafor@tidewater.example" in members and "jide.okafor@tidewater.example" in users


def test_two_keys_share_a_name(shared: Any) -> None:
    names = Counter(key["name"] for key in shared.listed("/api_keys", limit=1000))
    assert names["shared"] == 2


def test_names_have_one_to_five_words_and_letters_of_any_script(shared: Any) -> None:
    names = [user["name"] for user in shared.listed("/users", limit=1000)]
    assert {len(name.split()) for name in names} >= {1, 2, 5}
    assert not all(name.isascii() for name in names)
    assert "" in {member["name"] for member in shared.cursor.get("/members").json()["teamMembers"]}
