"""The reader's network: its layers, losses, training loop and export."""
