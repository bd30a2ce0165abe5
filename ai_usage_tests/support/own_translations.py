"""A folder of translated statements of the test's own: without it, a test reads and fills the user's cache folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from ai_usage_assets.warehouse import translations


@contextmanager
def translations_in(cache: Path) -> Iterator[None]:
    """Use this cache folder, in this process and those that it starts; nothing is translated in memory."""
    with patch.dict(os.environ, {"XDG_CACHE_HOME": str(cache)}):
        for cached in (translations.folder, translations._to_duckdb, translations._selected_columns):
            cached.cache_clear()
        try:
            yield
        finally:
            translations.folder.cache_clear()


@pytest.fixture
def own_translations(tmp_path: Path) -> Iterator[Path]:
    with translations_in(tmp_path / "cache"):
        yield tmp_path / "cache"
