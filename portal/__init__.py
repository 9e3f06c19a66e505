import gc

gc.set_threshold(50_000, 20, 100)
"""What a process makes while it starts stays; by default it is looked at dozens of times."""
