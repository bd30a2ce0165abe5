"""What the project costs in time, memory and money, beside a floor without frameworks and beside its peers.

Only public doors of the product are used: its command line, its definitions, the warehouse's `replace`, the vendors'
clients. `python -m benchmarks` measures, `python -m benchmarks.report` writes docs/performance.md.
"""
