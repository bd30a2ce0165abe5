"""What `ai-usage doctor --shapes` prints of an answer: a remark at each difference from what is expected."""

from collections import Counter

import pytest

from ai_usage_assets.cli.shapes import _percent, _show
from ai_usage_assets.sources.shapes import FieldShape, Shape


def seen(parents: int, *, is_expected: bool = True, is_required: bool = False, **types: int) -> FieldShape:
    return FieldShape(Counter(types), parents, is_expected, is_required)


def test_each_field_is_a_line_with_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    role = FieldShape(Counter(text=4), 4, values={"user", "admin", "astronaut", "a, b"})
    fields = {
        "data[].role": role,
        "data[].id": seen(8, text=8),
        "data[].email": seen(8, text=4, null=2, digits=2),
        "data[].team": seen(1000, text=999, null=1),
        "data[].name": seen(4, text=3),
        "data[].age": seen(4, is_required=True),
        "data[].city": seen(4),
        "data[].extra": seen(4, is_expected=False, number=1),
        "data": FieldShape(),
    }
    _show("Cursor members", Shape(fields, "data[1].id is missing"), {"role": frozenset({"admin", "User"})})
    _show("Cursor spend", Shape({}), {})
    assert capsys.readouterr().out.splitlines() == [
        "Cursor members: REFUSED, data[1].id is missing",
        "  field         type                null  remark                      values",
        "  data          -                         not sent",
        "  data[].age    -                         MISSING, required",
        "  data[].city   -                         not sent",
        "  data[].email  digits or text       25%",
        "  data[].extra  number                    NEW FIELD",
        "  data[].id     text",
        "  data[].name   text                      absent in 25%",
        "  data[].role   text                      NEW VALUE a, b | astronaut  admin | user",
        "  data[].team   text            under 1%",
        *("", "Cursor spend: as expected", ""),
    ]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, ""), (0.0001, "under 1%"), (0.0099, "under 1%"), (0.01, "1%"), (0.506, "51%"), (1.0, "100%")],
)
def test_a_share_is_a_whole_percentage(share: float, text: str) -> None:
    assert _percent(share) == text
