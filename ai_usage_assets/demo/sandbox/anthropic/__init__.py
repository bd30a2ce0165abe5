"""The sandbox's side of Anthropic's Admin API."""
