"""How the shipped reader is trained: one command, fixed seeds, stages that resume."""
