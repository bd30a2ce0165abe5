"""Asset checks: what every declaration promises, and what must add up. A failing one names culprits and a remedy."""
