"""Writers and readers of pose files, one file a program, and their registry."""
