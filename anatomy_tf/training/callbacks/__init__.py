"""What a training run does between batches and epochs, as Keras callbacks."""
