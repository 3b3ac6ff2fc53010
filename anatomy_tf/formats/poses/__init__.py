"""Writers and readers of pose files, one module for each format, and their registry."""
