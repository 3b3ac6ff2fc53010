"""Training batches: the sequence store, windows, sampled frames, augmentation."""
