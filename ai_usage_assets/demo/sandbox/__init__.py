"""A stand-in for both vendors' APIs on loopback, with a made-up company behind it.

For trying the product without keys, and for tests. It imports nothing of the product but the notion of days.
"""
