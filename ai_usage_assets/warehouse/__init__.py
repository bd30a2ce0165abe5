"""Reads and writes the tables. It knows no vendor and nothing of Dagster.

`engine` says what an engine offers; `duckdb/` and `bigquery/` are the two engines. `write` is the write path: it ensures
the table (`ensure_tables`, `schema_drift`), casts the rows (`casts`), tests them (`audit`) and publishes them (`sql`). What a
write also keeps up to date: `load_log`, `list_changes`, `restatements`. What it protects: `retention_guard`,
`known_emails`, `empty_lists`.
"""
