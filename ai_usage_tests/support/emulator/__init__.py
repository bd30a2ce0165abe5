"""BigQuery's stand-in for the tests: found, installed, started and ended here; the tests see only its address."""
