"""Whether a value is a DataFrame, without an import of pandas."""

import sys
from types import ModuleType

import pandas as pd
import pyarrow as pa
import pytest

from ai_usage_assets.defs.asset_rows import is_frame


def test_only_a_frame_is_one() -> None:
    assert [is_frame(value) for value in (pd.DataFrame(), pa.table({"a": [1]}), None)] == [True, False, False]


@pytest.mark.parametrize("pandas", [None, ModuleType("pandas")], ids=["not imported", "half imported"])
def test_nothing_is_a_frame_before_pandas_is_imported(
    monkeypatch: pytest.MonkeyPatch, pandas: ModuleType | None
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    assert not is_frame(pa.table({"a": [1]}))
