"""Tools of a deployment: Dagster's event log storage and the dataset for readers."""
