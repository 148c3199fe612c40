"""Measure time and memory: encoding, index, server, page."""
