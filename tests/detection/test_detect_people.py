import dataclasses
import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dotted_people import SIZE, DotDetector, render, walking
from numpy.typing import NDArray

from anatomy_tf.detection import detect_people
from anatomy_tf.detection.people import people_in_frame
from anatomy_tf.detection.videos.video import Video
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17


def test_people_are_found_and_followed(tmp_path: Path) -> None:
    places = walking(12, people=2)
    places[5:8, 1] = -9  # out of sight for a while
    video = render(tmp_path / "v.mkv", places)
    detector = DotDetector()
    first, second = detect_people(video, detector)
    assert (first.width, first.height, first.fps, first.skeleton) == (*SIZE, 10.0, COCO_17)
    assert (first.person, second.person) == ("0", "1")
    np.testing.assert_allclose(first.keypoints, places[:, 0], atol=1e-4)
    np.testing.assert_allclose(first.visibility, 0.9)
    seen = np.r_[0:5, 8:12]
    np.testing.assert_allclose(second.keypoints[seen], places[seen, 1], atol=1e-4)
    assert np.isnan(second.keypoints[5:8]).all() and not second.visibility[5:8].any()
    np.testing.assert_allclose(detector.seconds, np.arange(12) / 10)
    assert detector.closed


def test_a_missing_joint_is_a_gap(tmp_path: Path) -> None:
    places = walking(6)
    places[2:4, 0, 9] = -9
    (person,) = detect_people(render(tmp_path / "v.mkv", places), DotDetector())
    gone = np.isnan(person.keypoints).any(axis=-1)
    assert gone[2:4, 9].all() and gone.sum() == 2


def test_who_is_seen_for_a_moment_is_a_false_alarm(tmp_path: Path) -> None:
    places = walking(12, people=2)
    places[4:, 1] = -9  # seen for 0.4 s
    assert len(detect_people(render(tmp_path / "v.mkv", places), DotDetector())) == 1
    # The only one is kept, however short.
    assert len(detect_people(render(tmp_path / "w.mkv", walking(3)), DotDetector())) == 1


def test_who_is_found_twice_counts_once(tmp_path: Path) -> None:
    class Seeing(DotDetector):
        """Sees everyone twice, the second time a little aside and less sure."""

        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            found = super().detect(frame, seconds)
            return np.concatenate([found * (1, 1, 0.5) + (2, 1, 0), found])

    places = walking(8, people=2)
    people = detect_people(render(tmp_path / "v.mkv", places), Seeing())
    assert len(people) == 2
    left = min(people, key=lambda person: float(person.keypoints[0, 0, 0]))
    np.testing.assert_allclose(left.keypoints, places[:, 0], atol=1e-4)
    np.testing.assert_allclose(left.visibility, 0.9)


def test_people_who_stand_close_together_are_two(tmp_path: Path) -> None:
    class Seeing(DotDetector):
        """Sees another beside everyone, at a quarter of the body's diagonal of 45 pixels."""

        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            found = super().detect(frame, seconds)
            return np.concatenate([found, found + np.float32([11, 0, 0])])

    assert len(detect_people(render(tmp_path / "v.mkv", walking(8)), Seeing())) == 2


def test_joints_without_a_place_do_not_make_people_one(tmp_path: Path) -> None:
    class Seeing(DotDetector):
        """Puts joints that it is not sure of at 0, 0, as Ultralytics does, and keeps the score."""

        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            found = super().detect(frame, seconds)
            found[:, 2:] = 0, 0, 0.3
            return found

    assert len(detect_people(render(tmp_path / "v.mkv", walking(8, people=2)), Seeing())) == 2


def test_stated_rate_goes_before_the_files(tmp_path: Path) -> None:
    video = render(tmp_path / "v.mkv", walking(6))
    (person,) = detect_people(video, DotDetector(), fps=240.0)
    assert person.fps == 240.0 and len(person) == 6


@pytest.mark.parametrize("every", [2, 5])
def test_a_detector_on_each_nth_frame(tmp_path: Path, every: int) -> None:
    places = walking(13, people=2)
    detector = DotDetector()
    people = detect_people(render(tmp_path / "v.mkv", places), detector, every=every)
    np.testing.assert_allclose(detector.seconds, np.arange(0, 13, every) / 10)
    last = 12 - 12 % every
    people.sort(key=lambda person: float(person.keypoints[0, 0, 0]))
    for person, expected in zip(people, np.moveaxis(places, 1, 0), strict=True):
        assert len(person) == 13 and person.fps == 10
        # Who walks evenly is between two detections where the detector would find it.
        found = person.keypoints
        np.testing.assert_allclose(found[: last + 1], expected[: last + 1], atol=1e-4)
        np.testing.assert_allclose(found[last:], expected[[last] * (13 - last)], atol=1e-4)
        assert person.seen.all()


def test_the_rate_of_each_nth_frame_is_the_videos(tmp_path: Path) -> None:
    video = render(tmp_path / "v.mkv", walking(12))
    (person,) = detect_people(video, DotDetector(), fps=60, every=11)
    assert 60 / 11 * 11 != person.fps == 60


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "n from 1, got 0"),
        ({"every": 1.5}, r"n from 1, got 1\.5"),
        ({"fps": 0}, r"v\.mkv: expected a frame rate of 1 to 1,000"),
        ({"fps": "a"}, r"v\.mkv: expected a frame rate of 1 to 1,000"),
        ({"every": 11}, r"v\.mkv: each 11th frame: expected a frame rate of 1 to 1,000"),
        ({"video": "none.mkv"}, r"none\.mkv: no such file"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    detector = DotDetector()
    video = tmp_path / options.pop("video", "v.mkv")
    render(tmp_path / "v.mkv", walking(12))
    with pytest.raises(AnatomyError, match=message):
        detect_people(video, detector, **options)
    assert detector.closed and not detector.seconds


def test_the_name_of_a_detector_is_none(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="a Detector, got 'mediapipe'; load_detector makes one"):
        detect_people(tmp_path / "v.mkv", "mediapipe")  # type: ignore[arg-type]


def test_progress_counts_frames(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    video = render(tmp_path / "v.mkv", walking(6))
    detect_people(video, DotDetector(), progress=lambda done, of: calls.append((done, of)))
    assert calls == [(n, 6) for n in range(1, 7)]


def test_joints_guessed_beyond_the_picture_are_gaps(tmp_path: Path) -> None:
    class Guessing(DotDetector):
        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            found = super().detect(frame, seconds)
            found[:, 15, 1] = SIZE[1] + 40
            found[:, 16, 1] = SIZE[1] + 1  # barely
            return found

    (person,) = detect_people(render(tmp_path / "v.mkv", walking(6)), Guessing())
    assert np.isnan(person.keypoints[:, 15]).all()
    np.testing.assert_allclose(person.keypoints[:, 16, 1], SIZE[1] + 1)


def test_only_the_current_frame_is_held(tmp_path: Path) -> None:
    class Watching(DotDetector):
        def __init__(self) -> None:
            super().__init__()
            self.frames: list[weakref.ref] = []
            self.most = 0

        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            self.frames.append(weakref.ref(frame))
            self.most = max(self.most, sum(ref() is not None for ref in self.frames))
            return super().detect(frame, seconds)

    detector = Watching()
    detect_people(render(tmp_path / "v.mkv", walking(30)), detector)
    assert len(detector.frames) == 30 and detector.most <= 2


def test_a_video_that_breaks_off_is_said(tmp_path: Path) -> None:
    video = render(tmp_path / "v.mkv", walking(40) % 60 + 10)
    (person,) = detect_people(video, DotDetector())
    assert person.warnings == ()
    content = video.read_bytes()
    video.write_bytes(content[: len(content) * 2 // 3])
    (person,) = detect_people(video, DotDetector())
    assert 20 <= len(person) < 32
    (line,) = person.warnings
    assert line.startswith("the video breaks off after 2.")
    assert "of the 4.0 s that it states" in line


def children() -> set[str]:
    """Processes that this one started and that still run."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


def test_interrupted_work_ends_the_reading_and_the_detector(tmp_path: Path) -> None:
    class Interrupted(DotDetector):
        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            if len(self.seconds) == 2:
                raise KeyboardInterrupt
            return super().detect(frame, seconds)

    video = render(tmp_path / "v.mkv", walking(300, people=1) % 60 + 10)
    before, detector = children(), Interrupted()
    with pytest.raises(KeyboardInterrupt):
        detect_people(video, detector)
    assert detector.closed
    assert children() <= before


def test_nobody(tmp_path: Path) -> None:
    video = render(tmp_path / "v.mkv", np.full((4, 1, 17, 2), -9))
    with pytest.raises(AnatomyError, match=r"v.mkv: nobody was detected in any of 4 frames"):
        detect_people(video, DotDetector())


@pytest.mark.parametrize("shape", [(17, 3), (1, 16, 3), (1, 17, 2)])
def test_detector_of_another_form(tmp_path: Path, shape: tuple[int, ...]) -> None:
    class Wrong(DotDetector):
        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            return np.ones(shape, np.float32)

    with pytest.raises(AnatomyError, match=r"frame 0: expected people of shape \(P, 17, 3\)"):
        detect_people(render(tmp_path / "v.mkv", walking(2)), Wrong())


def test_scores_of_another_scale(tmp_path: Path) -> None:
    class Percent(DotDetector):
        def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
            return super().detect(frame, seconds) * (1, 1, 100)

    with pytest.raises(
        AnatomyError, match=r"frame 0: expected scores in \[0, 1\] or peaks of at most 50, got 90"
    ):
        detect_people(render(tmp_path / "v.mkv", walking(2)), Percent())


@pytest.mark.parametrize(("stated", "warned"), [(0, 0), (44, 0), (45, 0), (46, 1), (200, 1)])
def test_a_video_may_lack_half_a_second(
    stated: int, warned: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 40 frames come at 10 a second.
    path = render(tmp_path / "v.mkv", walking(40) % 60 + 10)
    opened = Video.open(path)
    monkeypatch.setattr(Video, "open", lambda path: dataclasses.replace(opened, frame_count=stated))
    (person,) = detect_people(path, DotDetector())
    assert len(person.warnings) == warned


class Told(DotDetector):
    """Finds what it is told, (P, 17, 3), in every frame."""

    def __init__(self, found: NDArray[np.float32]) -> None:
        super().__init__()
        self.found = found

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        return self.found


def test_people_in_a_live_frame_are_those_in_the_picture() -> None:
    picture = np.zeros((80, 96, 3), np.uint8)
    inside = np.concatenate([walking(1)[0, 0], np.full((17, 1), 0.9)], axis=1).astype(np.float32)
    partly, outside = inside + np.float32([90, 0, 0]), inside + np.float32([200, 0, 0])
    found = people_in_frame(Told(np.stack([inside, partly, outside])), picture, 0.0, "camera")
    assert found.shape == (2, 17, 3)
    np.testing.assert_allclose(found[0], inside)
    beyond = partly[:, 0] > 100
    assert 0 < beyond.sum() < 17
    np.testing.assert_allclose(found[1, ~beyond], partly[~beyond])
    assert np.isnan(found[1, beyond, :2]).all() and not found[1, beyond, 2].any()
    nobody = people_in_frame(Told(np.zeros((0, 17, 3), np.float32)), picture, 0.0, "camera")
    assert nobody.shape == (0, 17, 3)
