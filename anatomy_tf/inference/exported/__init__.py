"""Lifting with exported models (``export/``), by their own runtimes and without Keras."""
