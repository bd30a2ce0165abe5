"""Asset checks: the declared constraints, reconciliation with the sources, freshness and what finance asks."""
