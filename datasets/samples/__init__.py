"""Small real inputs to try the package with."""
