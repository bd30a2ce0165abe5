"""Who takes part: each contestant is a program that is given a piece of work, and is run as a process of its own."""
