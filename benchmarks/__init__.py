"""Named cases × phases, contenders side by side in one run: ratios, never bare seconds.

``python -m benchmarks --list`` shows what there is; README.md says how to read it.
"""
