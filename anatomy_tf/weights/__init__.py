"""Importers of checkpoints that users bring."""
