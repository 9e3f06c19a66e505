"""The demo: Cairn over a simulated AWS Organization, apart from everything real."""
