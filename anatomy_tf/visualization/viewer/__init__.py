"""The page that plays a clip, in a file, a notebook or while a camera runs."""
