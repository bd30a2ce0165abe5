"""BigQuery, the production engine."""
