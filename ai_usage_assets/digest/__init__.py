"""The text of a digest: of a week, and of a month that was closed. Figures come from curated tables; no Dagster."""
