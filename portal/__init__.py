import atexit
import gc

# What a process makes while it starts stays. By Python's own thresholds it is looked at dozens of
# times, which takes a fifth of the start; and once more at the end, which takes half as long.
gc.set_threshold(50_000, 20, 100)
atexit.register(gc.freeze)
