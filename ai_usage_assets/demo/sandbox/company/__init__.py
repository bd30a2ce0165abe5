"""The sample company behind the sandbox: its people, its keys and what they use each day."""
