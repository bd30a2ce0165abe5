"""The competitors. Each is a program that gets its parameters as an argument and runs in a process of its own."""
