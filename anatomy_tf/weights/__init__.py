"""Importers of checkpoints that users bring, and half-precision storage of weights."""
