"""Frames of video files and of cameras."""
