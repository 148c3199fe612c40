"""Measurements of the program: quality, speed and limits. Never collected by pytest."""
