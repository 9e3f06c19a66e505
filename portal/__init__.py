import gc

# What a process makes while it starts stays. By Python's own thresholds it is looked at dozens of
# times, which takes a fifth of the start.
gc.set_threshold(50_000, 20, 100)
