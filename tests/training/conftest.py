"""Fixtures of the training's tests."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Take steps without a graph, for runs of so few that to build it takes longer."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
