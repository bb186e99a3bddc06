"""Speed and memory of rawlab beside its peers: `python -m benchmarks`.

Everything is measured in the same run, on captures that the benchmark makes itself from a seed;
what counts is the ratio, not the figure.
"""
