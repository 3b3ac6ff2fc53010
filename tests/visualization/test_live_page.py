"""The live page's server: who gets it and who does not, and what it sends."""

import base64
import http.client
import json
import socket
import threading
import time

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import LivePerson
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17
from anatomy_tf.visualization.viewer import live_page
from anatomy_tf.visualization.viewer.live_page import LivePage, LiveScene

client = pytest.importorskip("websockets.sync.client", reason="needs the extra live")
exceptions = pytest.importorskip("websockets.exceptions")


def person(name="0", low=0.8):
    pose = np.zeros((17, 3), np.float32)
    pose[HUMAN36M_17.index("left_ankle"), 1] = low
    keypoints = np.full((17, 3), (300.04, 200.0, 0.9), np.float32)
    keypoints[0] = np.nan, np.nan, 0
    return LivePerson(name, keypoints, pose, np.full(16, 0.3, np.float32))


def whole_steps(packed):
    return np.frombuffer(base64.b64decode(packed["data"]), "<i2") * packed["step"]


def scene(fps=30.0):
    return LiveScene((HUMAN36M_17, COCO_17), (640, 480), fps)


@pytest.fixture
def page():
    with LivePage((HUMAN36M_17, COCO_17), (640, 480), 30.0) as opened:
        yield opened


def show(page, people, frame=0):
    page.show(people, frame=frame, captured=time.time(), came=frame + 1, dropped=2)


def fetched(page, host=None, path="/"):
    place = page.address.split("/")[2]
    connection = http.client.HTTPConnection(place, timeout=5)
    connection.request("GET", path, headers={"Host": host or place})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def opened(page, **arguments):
    place = page.address.split("/")[2]
    return client.connect(f"ws://{place}/live", origin=f"http://{place}", **arguments)


def test_the_page_needs_nothing_from_elsewhere(page):
    answer, text = fetched(page)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    assert f"connect-src ws://{page.address.split('/')[2]}" in text
    assert "{{" not in text


def test_only_this_machine_is_listened_on(page):
    assert page.address.startswith("http://127.0.0.1:")
    assert page._server.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_another_name_of_this_machine_is_refused(page, host):
    answer, text = fetched(page, host)
    assert (answer.status, text) == (403, "another host's name\n")


def test_other_addresses_are_not_found(page):
    assert fetched(page, path="/etc/passwd")[0].status == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://127.0.0.1:1"])
def test_another_sites_page_cannot_listen_in(page, origin):
    place = page.address.split("/")[2]
    with pytest.raises(exceptions.InvalidStatus) as refused:
        client.connect(f"ws://{place}/live", origin=origin)
    assert refused.value.response.status_code == 403


def test_a_client_gets_the_newest_poses(page):
    with opened(page) as connection:
        assert page.wait(5)
        show(page, [person()], frame=7)
        message = json.loads(connection.recv(timeout=5))
    assert (message["frame"], message["came"], message["dropped"]) == (7, 8, 2)
    assert abs(message["captured"] / 1000 - time.time()) < 5
    (one,) = message["people"]
    assert one["name"] == "person 0"
    assert one["lengths"] == pytest.approx([0.3] * 16)
    assert one["shift"] == pytest.approx([0, 0, 0.8])
    positions = whole_steps(one["positions"]).reshape(17, 3)
    assert positions[HUMAN36M_17.index("left_ankle")] == pytest.approx([0, 0, -0.8])
    points = whole_steps(one["keypoints"]["points"]).reshape(17, 2)
    assert points[1] == pytest.approx([300, 200], abs=0.06)
    assert points[0, 0] < -1000  # not found
    assert "skeleton" not in one and "skeleton" not in one["keypoints"]


def test_a_client_that_comes_late_gets_the_newest_only(page):
    for frame in range(50):
        show(page, [person()], frame)
    with opened(page) as connection:
        assert json.loads(connection.recv(timeout=5))["frame"] == 49
        with pytest.raises(TimeoutError):
            connection.recv(timeout=0.2)


def test_closing_ends_the_connection(page):
    with opened(page) as connection:
        assert page.wait(5)
        page.close()
        with pytest.raises(exceptions.ConnectionClosed):
            connection.recv(timeout=5)


def test_a_client_that_leaves_does_no_harm(page):
    connection = opened(page)
    assert page.wait(5)
    connection.close()
    for frame in range(5):
        show(page, [person()], frame)
    with opened(page) as other:
        assert json.loads(other.recv(timeout=5))["frame"] == 4


def handshake(page):
    """A client that opens the WebSocket and reads nothing."""
    place = page.address.split("/")[2]
    host, port = place.split(":")
    connection = socket.create_connection((host, int(port)), timeout=5)
    lines = [
        "GET /live HTTP/1.1",
        f"Host: {place}",
        f"Origin: http://{place}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


@pytest.mark.slow
def test_closing_does_not_wait_for_who_does_not_read(monkeypatch):
    page = LivePage((HUMAN36M_17, COCO_17), (640, 480), 30.0)
    with handshake(page):
        assert page.wait(5)
        # More than the system holds for a client that does not read.
        monkeypatch.setattr(page._scene, "people", lambda people: ["x" * 20_000_000])
        show(page, [])
        time.sleep(0.2)
        closing = threading.Thread(target=page.close, daemon=True)
        closing.start()
        closing.join(20)
        assert not closing.is_alive()


def test_so_many_pages_get_poses_at_a_time(page, monkeypatch):
    monkeypatch.setattr(live_page, "PAGES", 1)
    with opened(page) as first:
        assert page.wait(5)
        with pytest.raises(exceptions.InvalidStatus, match="503"):
            opened(page)
        show(page, [person()])
        assert json.loads(first.recv(timeout=5))["frame"] == 0


def test_nobody_waits_for_a_browser_that_does_not_come(page):
    assert not page.wait(0.05)


def test_a_taken_port_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AnatomyError, match=rf"--port: {port} cannot be listened on .*0 takes"):
            LivePage((HUMAN36M_17, COCO_17), (640, 480), 30.0, port=port)


def test_without_websockets_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "websockets.sync.server", None)
    with pytest.raises(AnatomyError, match=r'websockets, .*: pip install "anatomy_tf\[live\]"'):
        LivePage((HUMAN36M_17, COCO_17), (640, 480), 30.0)


def test_people_stand_side_by_side_and_keep_their_places():
    room = scene()

    def places(*names):
        return {one["name"]: one["shift"][0] for one in room.people([person(n) for n in names])}

    assert places("a", "b", "c") == {"a": 0, "b": 1.3, "c": -1.3}
    assert places("b", "c") == {"b": 1.3, "c": -1.3}
    assert places("b", "d") == {"b": 1.3, "d": 0}


def test_the_lowest_joint_of_some_seconds_is_on_the_floor():
    room = scene(2.0)
    heights = [room.people([person(low=low)])[0]["shift"][2] for low in (0.5, 0.9, *[0.7] * 10)]
    assert heights == pytest.approx([0.5, *[0.9] * 10, 0.7])


def test_whose_pose_is_still_to_come_is_not_drawn():
    waiting = LivePerson("0", np.zeros((17, 3), np.float32), None, None)
    assert scene().people([waiting]) == []
