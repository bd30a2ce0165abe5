"""The curated tables: one `.sql` in GoogleSQL each, run inside the warehouse."""
