"""The Dagster definitions: assets, checks, sensors, schedules and resources. Dagster is imported here, in ops and in demo alone."""
