"""The detectors' model files, fetched once."""
