"""The only door to the data: two engines behind one protocol, and the Dagster IO manager on top of it."""
