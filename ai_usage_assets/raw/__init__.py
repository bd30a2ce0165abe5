"""Vendor answers to raw tables: row builders, pure and by hand, and the assets that land them."""
