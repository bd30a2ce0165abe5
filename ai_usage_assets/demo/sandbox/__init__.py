"""A stand-in for both vendors' APIs, on loopback, with a sample company behind it.

It serves for trying the product without keys, and for tests. Of the product it imports only `days`.
"""
