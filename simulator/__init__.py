"""A simulated AWS organization over HTTP, for the demo, the tests and the benchmarks."""
