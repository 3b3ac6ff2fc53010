"""Reading and writing files safely: atomic writing, paths, text, JSON, npz and pickle."""
