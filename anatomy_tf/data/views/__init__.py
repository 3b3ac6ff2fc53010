"""Clips as cameras see them: virtual cameras, simulated detections, variety."""
