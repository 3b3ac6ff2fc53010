"""Data sets by name: archives, prepared data sets, own recordings."""
