"""Files that are replaced whole: used wherever newsqa writes one."""
