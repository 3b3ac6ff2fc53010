"""Readers of keypoint files, one file a detector, and the registry that recognises them."""
