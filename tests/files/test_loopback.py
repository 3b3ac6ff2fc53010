import socket

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.loopback import LOOPBACK, free_ports, listening


def test_only_this_machine_is_listened_on() -> None:
    with listening(0, "port") as server:
        host, port = server.getsockname()
        assert host == LOOPBACK
        with socket.create_connection((LOOPBACK, port), 5):
            pass


@pytest.mark.parametrize("host", [LOOPBACK, ""])
def test_a_taken_port_is_one_line(host: str) -> None:
    with listening(0, "port", host) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AnatomyError) as refused:
            listening(port, "--port", host, otherwise="; 0 takes a free one")
    told = str(refused.value)
    assert told.startswith(f"--port: {port} cannot be listened on (")
    assert told.endswith("; 0 takes a free one")


def test_a_number_that_is_no_port_is_one_line() -> None:
    with pytest.raises(AnatomyError, match="port: 70000 cannot be listened on"):
        listening(70_000, "port")


def test_free_ports_differ_and_can_be_taken() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        listening(port, "port").close()
