"""TensorFlow Datasets builders of anatomy_tf, installed as the package ``anatomy_tf_datasets``."""
