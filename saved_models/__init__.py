"""Trained models, one folder each, installed as the package ``anatomy_tf_saved_models``."""
