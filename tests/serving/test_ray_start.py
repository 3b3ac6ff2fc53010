"""A Ray that does not start is told in one line."""

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.loopback import free_ports
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


def test_a_serve_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may take a port after it was found free."""
    from ray import serve

    def fail(**_settings: object) -> None:
        raise RuntimeError("ray::ProxyActor.ready()\n  File ...\nRuntimeError: Failed to bind.\n")

    ended = []
    monkeypatch.setattr(server, "build_application", lambda _options: None)
    monkeypatch.setattr(server, "_start_ray", lambda *_arguments: None)
    monkeypatch.setattr(serve, "start", fail)
    monkeypatch.setattr(serve, "delete", lambda name: None)
    monkeypatch.setattr(ray, "shutdown", lambda: ended.append(True))
    port, rest_port = free_ports(2)
    options = ServingOptions("compact")
    with (
        pytest.raises(AnatomyError) as error,
        server.running_server(options, port=port, rest_port=rest_port),
    ):
        pass
    assert str(error.value) == "the server did not start: RuntimeError: Failed to bind."
    assert ended


@pytest.mark.parametrize(
    ("host", "cluster", "grpc", "rest"),
    [
        ("127.0.0.1", None, "127.0.0.1", "127.0.0.1"),
        ("192.0.2.7", None, "192.0.2.7", "192.0.2.7"),
        ("0.0.0.0", None, "127.0.0.1", "127.0.0.1"),
        ("::1", None, "[::1]", "[::1]"),
        ("192.0.2.7", "auto", "127.0.0.1", "192.0.2.7"),
    ],
)
def test_the_addresses_are_those_that_are_listened_on(
    host: str, cluster: str | None, grpc: str, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray import serve

    monkeypatch.setattr(server, "build_application", lambda _options: None)
    monkeypatch.setattr(server, "_start_ray", lambda *_arguments: None)
    for name in ("start", "run", "delete"):
        monkeypatch.setattr(serve, name, lambda *_arguments, **_settings: None)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    port, rest_port = free_ports(2)
    options = ServingOptions("compact")
    with server.running_server(
        options, port=port, rest_port=rest_port, host=host, cluster=cluster
    ) as addresses:
        assert addresses.grpc == f"{grpc}:{port}"
        assert addresses.rest == f"http://{rest}:{rest_port}"
