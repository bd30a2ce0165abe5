"""Reads the files of Dagster's migrations once a process. Alembic reads them again for every instance of Dagster, which
takes longer than most runs of a test.
"""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory


@pytest.fixture(scope="session", autouse=True)
def migrations_are_read_once() -> Iterator[None]:
    read: dict[str | None, ScriptDirectory] = {}
    from_files = ScriptDirectory.from_config

    def from_config(config: Config) -> ScriptDirectory:
        location = config.get_alembic_option("script_location")
        if location not in read:
            read[location] = from_files(config)
        return read[location]

    with patch.object(ScriptDirectory, "from_config", from_config):
        yield
