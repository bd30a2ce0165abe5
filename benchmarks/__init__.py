"""What the project costs in time, memory and money, compared with a program without frameworks and with its peers.

The benchmarks use public interfaces of the product only: its command line, its definitions, the warehouse's `replace`
and the vendors' clients. `python -m benchmarks` measures. `python -m benchmarks.report` writes docs/performance.md.
"""
