"""Importers of checkpoints that users bring, and how weights are stored."""
