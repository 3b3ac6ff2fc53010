"""Readers of motion capture and camera files."""
