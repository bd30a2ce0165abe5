"""A DuckDB file without its past: deleted rows stay in the blocks of a file until they are written over."""

from pathlib import Path

import duckdb

from ai_usage_assets.warehouse.duckdb.file import DuckDBFile


def compact(path: Path) -> None:
    """Copy what the file holds into a new file, which takes its place in one step. No session may be open.

    Raises:
        WarehouseBusyError: another process has the file open.
    """
    file = DuckDBFile(path)
    connection = file.open()
    fresh = path.with_name(f"{path.name}.compacting")
    fresh.unlink(missing_ok=True)
    name = connection.execute("select current_database()").fetchall()[0][0]
    quoted = str(fresh).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as compacted")
        connection.execute(f'copy from database "{name}" to compacted')
        connection.execute("detach compacted")
        connection.execute("checkpoint")
    finally:
        file.done(connection, is_clean=False)
        file.close()
    with duckdb.connect(str(fresh)) as written:
        # closing the file does the same, and says nothing if it fails
        written.execute("checkpoint")
    fresh.chmod(path.stat().st_mode)
    fresh.replace(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
