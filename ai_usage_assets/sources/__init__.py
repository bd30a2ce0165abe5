"""Where the data comes from: the vendors' Admin APIs and the company's own files, as rows. No Dagster, no engine."""
