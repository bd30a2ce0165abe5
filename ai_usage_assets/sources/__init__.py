"""The vendors' admin APIs over HTTP: what they say, typed, whole, and in their own words. No Dagster, no tables."""
