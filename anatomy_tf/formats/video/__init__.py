"""Frame rate, size and frames of video files."""
