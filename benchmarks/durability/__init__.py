"""What may happen to an index, made to happen many times, and what became of it.

    make durability                          # all rows at full size, table into docs/operations.md
    python -m benchmarks.durability --quick  # every row small, in about two minutes
    python -m benchmarks.durability --rows kills flips --json out.json

Where only the machinery is measured, a stand-in encoder takes the model's place; the table says
so. `kill -9` ends a process, not the machine: what a power cut does to unsynced bytes is not tried.
"""
