"""The dbt project that follows dlt in `dlt-dbt`: staging models over dlt's tables, our curated tables, and our checks."""
