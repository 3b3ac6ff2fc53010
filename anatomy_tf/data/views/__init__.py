"""Views of clips: virtual cameras, simulated detections, variety."""
