"""Readers of keypoint files, one module for each detector, and their registry."""
