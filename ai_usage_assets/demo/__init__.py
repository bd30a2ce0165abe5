"""A demo without keys and cloud: a month of a sample company, materialized by Dagster from the sandbox."""
