"""What the tests notice: the product is broken at one place at a time, and the tests that touch the place run."""
