"""A folder of translated statements of the test's own: without it, a test reads and fills the user's cache folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_usage_assets.warehouse import translations


@pytest.fixture
def own_translations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, for this process and those that it starts, and nothing translated in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for cached in (translations.folder, translations._to_duckdb, translations._selected_columns):
        cached.cache_clear()
    yield tmp_path / "cache"
    translations.folder.cache_clear()
