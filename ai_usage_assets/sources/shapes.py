"""The shape of a vendor's answer beside the record that is expected: fields, types and shares, and no value.

The values of enumerations are shown, by a list of the names of their fields. Of all other fields, and of a field that
is not known, only the type of JSON is shown. Nobody's name, e-mail, id or figure is in a shape.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import inspect

from ai_usage_assets.sources.http.decode import DecodeError, decode_json
from ai_usage_assets.sources.http.first_answer import Answer

TEXTS = (
    ("empty text", re.compile(r"")),
    ("day", re.compile(r"\d{4}-\d\d-\d\d")),
    ("time", re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")),
    ("digits", re.compile(r"\d+")),
    ("decimal text", re.compile(r"-?\d+\.\d+")),
)
"""Kinds of text that a record may depend on."""
FIELD_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)
SHOWN_VALUE = re.compile(r"[\w .,/()-]{1,60}", re.ASCII)
"""What a value of an enumeration may look like. An e-mail address does not."""
HIDDEN = "(not shown)"
MAX_NEW_FIELDS = 20
"""An object with more fields that are not known is a map, whose names may be people."""


@dataclass
class FieldShape:
    """What was seen of one field."""

    types: Counter[str] = field(default_factory=Counter)
    parents: int = 0
    """How many objects could have it."""
    is_expected: bool = True
    is_required: bool = False
    values: set[str] = field(default_factory=set)
    """Of an enumeration."""

    @property
    def present(self) -> int:
        return sum(self.types.values())

    @property
    def type_names(self) -> list[str]:
        return sorted(self.types.keys() - {"null"})

    @property
    def null_share(self) -> float:
        """Of the objects that have the field."""
        return self.types["null"] / self.present if self.present else 0.0

    @property
    def absent_share(self) -> float:
        return 1 - self.present / self.parents if self.parents else 0.0


@dataclass(frozen=True)
class Shape:
    """The fields of an answer by their path, and why it cannot be decoded, if so."""

    fields: Mapping[str, FieldShape]
    problem: str = ""


def shape(answer: Answer, enumerations: Mapping[str, frozenset[str]]) -> Shape:
    """The shape of an answer, beside the record that it should be decoded to."""
    try:
        decode_json(answer.body, answer.answer_type)
        problem = ""
    except DecodeError as error:
        problem = _without_names(str(error))
    try:
        value = msgspec.json.decode(answer.body)
    except (ValueError, RecursionError):
        return Shape({}, problem or "it is not JSON")
    walk = _Walk(enumerations)
    walk.value(value, inspect.type_info(answer.answer_type), "")
    return Shape(walk.fields, problem)


class _Walk:
    def __init__(self, enumerations: Mapping[str, frozenset[str]]) -> None:
        self.fields: dict[str, FieldShape] = {}
        self._enumerations = enumerations

    def value(self, value: Any, expected: inspect.Type | None, path: str) -> None:
        if isinstance(value, dict) and (struct := _part(expected, inspect.StructType)):
            self._object(value, struct, path)
        elif isinstance(value, dict) and (mapping := _part(expected, inspect.DictType)):
            # its names may be anything, so they are one field
            for each in value.values():
                self._field(f"{path}.*".lstrip("."), each, mapping.value_type).parents += 1
        elif isinstance(value, list) and (items := _part(expected, inspect.ListType)):
            for each in value:
                self.value(each, items.item_type, f"{path}[]")

    def _object(self, value: dict[str, Any], struct: inspect.StructType, path: str) -> None:
        prefix = f"{path}." if path else ""
        known = {each.encode_name: each for each in struct.fields}
        for name, each in known.items():
            found = self.fields.setdefault(f"{prefix}{name}", FieldShape())
            found.parents, found.is_required = found.parents + 1, each.required
            if name in value:
                self._field(f"{prefix}{name}", value[name], each.type)
        new = [name for name in value if name not in known]
        for name in new:
            is_shown = FIELD_NAME.fullmatch(name) and len(new) <= MAX_NEW_FIELDS
            found = self._field(f"{prefix}{name if is_shown else HIDDEN}", value[name], None)
            found.parents, found.is_expected = found.parents + 1, False

    def _field(self, path: str, value: Any, expected: inspect.Type | None) -> FieldShape:
        found = self.fields.setdefault(path, FieldShape())
        found.types[_type_name(value)] += 1
        name = path.rpartition(".")[2]
        if isinstance(value, str) and name in self._enumerations:
            is_safe = value in self._enumerations[name] or SHOWN_VALUE.fullmatch(value)
            found.values.add(value if is_safe else HIDDEN)
        self.value(value, expected, path)
        return found


def unknown_values(name: str, found: FieldShape, enumerations: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """The values of an enumeration that are not known."""
    known = {_plain(value) for value in enumerations.get(name.rpartition(".")[2], ())}
    yield from (value for value in sorted(found.values) if _plain(value) not in known)


def _plain(value: str) -> str:
    """`Usage-based`, `usage based` and `USAGE_EVENT_KIND_USAGE_BASED` are one value, as in int_cursor_events.sql."""
    return re.sub("[^a-z0-9]", "", value.lower()).removeprefix("usageeventkind")


def _part(expected: inspect.Type | None, kind: Any) -> Any:
    """The struct, list or mapping that a field may be; None if it is another type."""
    if isinstance(expected, inspect.Metadata):
        return _part(expected.type, kind)
    if isinstance(expected, inspect.UnionType):
        return next((part for each in expected.types if (part := _part(each, kind))), None)
    return expected if isinstance(expected, kind) else None


def _type_name(value: Any) -> str:
    if isinstance(value, str):
        return next((name for name, pattern in TEXTS if pattern.fullmatch(value)), "text")
    names = {dict: "object", list: "list", bool: "true or false", int: "whole number", float: "number"}
    return names.get(type(value), "null")


def _without_names(problem: str) -> str:
    """The place of an error without the names of a mapping's keys."""
    return re.sub(r"\[\.\.\.\]|\[\"[^\"]*\"\]", "[]", problem)
