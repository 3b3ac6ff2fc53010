"""A Ray that does not start is told in one line."""

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.serving import ServingOptions, server

ray = pytest.importorskip("ray")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (Exception("The current node timed out.\nMore."), "The current node timed out."),
        (ConnectionError(), "ConnectionError"),
    ],
)
@pytest.mark.parametrize("cluster", [None, "127.0.0.1:1"])
def test_a_ray_that_does_not_start(
    raised: Exception, said: str, cluster: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {}

    def fail(**settings: object) -> None:
        asked.update(settings)
        raise raised

    monkeypatch.setattr(ray, "init", fail)
    with pytest.raises(AnatomyError) as error:
        server._start_ray(ServingOptions("compact"), cluster)
    assert str(error.value) == f"Ray did not start: {said}"
    assert asked["address"] == (cluster or "local")
