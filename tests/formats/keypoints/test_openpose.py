import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons.layouts import BODY_25, BODY_25B, HALPE_26

STATED = {"skeleton": "body_25b", "fps": 30, "image_size": (640, 480)}


def person(x: float = 100, y: float = 100, score: float = 0.5, joints: int = 25) -> dict:
    """Joints 1 px apart to the right of (x, y), in a box some pixels high."""
    values: list[float] = []
    for joint in range(joints):
        values += [x + joint, y + 30 * (joint % 2), score]
    return {"pose_keypoints_2d": values}


def write(folder: Path, name: str, *people: dict) -> None:
    (folder / name).write_text(json.dumps({"version": 1.3, "people": list(people)}))


def write_clip(folder: Path, *frames: list[dict]) -> Path:
    folder.mkdir(exist_ok=True)
    for number, people in enumerate(frames):
        write(folder, f"clip_{number:012d}_keypoints.json", *people)
    return folder


def test_sample_is_two_people_in_100_frames(shared: Path) -> None:
    people = load_keypoints(
        shared / "data/openpose_sample", skeleton="body_25b", fps=60, image_size=(1088, 1920)
    )
    assert [len(p) for p in people] == [100, 100]
    first = people[0]
    assert (first.skeleton, first.fps, first.width, first.height) == (BODY_25B, 60, 1088, 1920)
    # Copied from cam02.0000.json: the nose of the person in front.
    np.testing.assert_allclose(first.keypoints[0, 0], (536.836, 473.721), rtol=1e-6)
    assert first.visibility[0, 0] == pytest.approx(0.636131)
    assert first.visibility.mean() > 0.5
    # The track stays with one person: the neck never jumps.
    neck = first.keypoints[:, BODY_25B.index("neck")]
    assert np.linalg.norm(np.diff(neck, axis=0), axis=-1).max() < 60
    # 102 keypoints of the sample have score 0.
    assert sum(int((p.visibility == 0).sum()) for p in people) == 102


def test_sample_needs_no_layout(shared: Path) -> None:
    people = load_keypoints(shared / "data/openpose_sample", fps=60, image_size=(1088, 1920))
    assert {p.skeleton for p in people} == {BODY_25B}


def test_sample_with_swapped_image_sides_is_refused(shared: Path) -> None:
    with pytest.raises(
        AnatomyError,
        match=r"reach from \(\d+, \d+\) to .*outside an image of 1920x1088.*--image-size",
    ):
        load_keypoints(
            shared / "data/openpose_sample", skeleton="body_25b", fps=60, image_size=(1920, 1088)
        )


def test_undetected_points_are_gaps(tmp_path: Path) -> None:
    missing = person(x=100)
    missing["pose_keypoints_2d"][0:3] = [0, 0, 0]
    missing["pose_keypoints_2d"][3:6] = [0, 0, 0.4]
    missing["pose_keypoints_2d"][6:9] = [150, 90, 0]
    missing["pose_keypoints_2d"][9:12] = [0, 5, 0.5]
    (clip,) = load_keypoints(write_clip(tmp_path, [missing]), **STATED)
    assert np.isnan(clip.keypoints[0, :3]).all()
    assert (clip.visibility[0, :3] == 0).all()
    np.testing.assert_array_equal(clip.keypoints[0, 3], (0, 5))
    assert (clip.visibility[0, 3:] == 0.5).all()


def test_frames_are_ordered_by_number_and_holes_are_gaps(tmp_path: Path) -> None:
    for number, x in ((9, 100), (10, 110), (8, 90), (12, 119)):
        write(tmp_path, f"cam02.{number}.json", person(x=x))
    write(tmp_path, "._cam02.13.json")
    (clip,) = load_keypoints(tmp_path, **STATED)
    np.testing.assert_array_equal(clip.keypoints[:, 0, 0], (90, 100, 110, np.nan, 119))


def test_frame_without_a_person_is_a_gap(tmp_path: Path) -> None:
    nobody = {"pose_keypoints_2d": []}
    frames = [[], [person()], [nobody], [person(x=102)], []]
    (clip,) = load_keypoints(write_clip(tmp_path, *frames), **STATED)
    seen = (clip.visibility > 0).any(axis=1)
    assert seen.tolist() == [False, True, False, True, False]


def test_people_keep_their_track_when_their_order_changes(tmp_path: Path) -> None:
    frames = []
    for t in range(8):
        people = [person(x=50 + 2 * t), person(x=400 - 2 * t)]
        frames.append(people[::-1] if t % 2 else people)
    frames.append([person(x=66)])
    left, right = load_keypoints(write_clip(tmp_path, *frames), **STATED)
    np.testing.assert_array_equal(left.keypoints[:, 0, 0], 50 + 2 * np.arange(9))
    np.testing.assert_array_equal(right.keypoints[:8, 0, 0], 400 - 2 * np.arange(8))
    assert np.isnan(right.keypoints[8]).all()
    assert (left.person, right.person) == ("0", "1")


def test_score_a_little_above_one_is_one(tmp_path: Path) -> None:
    (clip,) = load_keypoints(write_clip(tmp_path, [person(score=1.02)]), **STATED)
    assert (clip.visibility == 1).all()


def test_layout_is_asked_for_unless_number_or_content_leave_one(tmp_path: Path) -> None:
    stated = {"fps": 30, "image_size": (640, 480)}
    hidden = person()
    hidden["pose_keypoints_2d"][18:] = [0] * 57
    folder = write_clip(tmp_path / "25", [hidden])
    with pytest.raises(AnatomyError, match="--layout body_25 or --layout body_25b"):
        load_keypoints(folder, **stated)
    assert load_keypoints(folder, skeleton=BODY_25, **stated)[0].skeleton == BODY_25
    halpe = write_clip(tmp_path / "26", [person(joints=26)])
    assert load_keypoints(halpe, **stated)[0].skeleton == HALPE_26
    with pytest.raises(AnatomyError, match="no known layout has 19 keypoints"):
        load_keypoints(write_clip(tmp_path / "19", [person(joints=19)]), **stated)
    with pytest.raises(AnatomyError, match="body_25b has 25 keypoints, the files have 26"):
        load_keypoints(halpe, **STATED)


@pytest.mark.parametrize(
    ("missing", "flag"), [("fps", "--fps"), ("image_size", "--image-size WxH")]
)
def test_what_the_files_do_not_say_is_asked_for(tmp_path: Path, missing: str, flag: str) -> None:
    folder = write_clip(tmp_path, [person()])
    with pytest.raises(AnatomyError, match=flag):
        load_keypoints(folder, **{k: v for k, v in STATED.items() if k != missing})


@pytest.mark.parametrize("fps", [0, -1, math.nan, math.inf])
def test_impossible_frame_rate(tmp_path: Path, fps: float) -> None:
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000"):
        load_keypoints(write_clip(tmp_path, [person()]), **{**STATED, "fps": fps})


@pytest.mark.parametrize("size", [(0, 480), (640, -1), (640,)])
def test_impossible_image_size(tmp_path: Path, size: tuple[int, ...]) -> None:
    with pytest.raises(AnatomyError, match="image size"):
        load_keypoints(write_clip(tmp_path, [person()]), **{**STATED, "image_size": size})


GOOD = json.dumps({"people": [person()]})
MALFORMED = {
    "empty": "",
    "truncated": GOOD[:-20],
    "not JSON": "hello",
    "binary": b"\xff\xfe\x00\x01",
    "a list": "[]",
    "no people": "{}",
    "people no list": '{"people": 3}',
    "person no object": '{"people": [3]}',
    "no keypoints": '{"people": [{}]}',
    "keypoints no list": '{"people": [{"pose_keypoints_2d": "1 2 3"}]}',
    "text": '{"people": [{"pose_keypoints_2d": ["NaN", "NaN", "NaN"]}]}',
    "nulls": '{"people": [{"pose_keypoints_2d": [null, null, null]}]}',
    "truths": '{"people": [{"pose_keypoints_2d": [true, true, true]}]}',
    "nested": '{"people": [{"pose_keypoints_2d": [[1, 2, 3]]}]}',
    "NaN": '{"people": [{"pose_keypoints_2d": [NaN, 1, 1]}]}',
    "infinite": '{"people": [{"pose_keypoints_2d": [1e999, 1, 1]}]}',
    "beyond float32": '{"people": [{"pose_keypoints_2d": [1e300, 1, 1]}]}',
    "beyond float64": '{"people": [{"pose_keypoints_2d": [1%s, 1, 1]}]}' % ("0" * 400),
    "too many digits": '{"people": [{"pose_keypoints_2d": [1%s, 1, 1]}]}' % ("0" * 5000),
    "no triples": '{"people": [{"pose_keypoints_2d": [1, 2, 0.5, 4]}]}',
    "percent score": json.dumps({"people": [person(score=80)]}),
    "other count": json.dumps({"people": [person(joints=19)]}),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_file_is_one_clear_line(tmp_path: Path, content: str | bytes) -> None:
    write_clip(tmp_path, [person()])
    bad = tmp_path / "clip_000000000001_keypoints.json"
    bad.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(AnatomyError, match=bad.name) as caught:
        load_keypoints(tmp_path, **STATED)
    assert "\n" not in str(caught.value)


def test_nobody_in_any_frame(tmp_path: Path) -> None:
    zeros = {"pose_keypoints_2d": [0] * 75}
    with pytest.raises(AnatomyError, match="nobody was detected in any of 2 frames"):
        load_keypoints(write_clip(tmp_path, [], [zeros]), **STATED)


def test_two_cameras_in_a_folder(tmp_path: Path) -> None:
    for camera in (1, 2):
        for frame in (1, 2):
            write(tmp_path, f"cam{camera}.{frame:04d}.json", person())
    with pytest.raises(AnatomyError, match="which number is the frame's"):
        load_keypoints(tmp_path, **STATED)


@pytest.mark.parametrize("numbers", [(0, 2), (0, 2, 4, 6), (0, 1, 10**15)])
def test_mostly_missing_frames(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        write(tmp_path, f"{number}.json", person())
    with pytest.raises(AnatomyError, match=f"only {len(numbers)} of these"):
        load_keypoints(tmp_path, **STATED)


def test_file_without_a_number(tmp_path: Path) -> None:
    write(tmp_path, "keypoints.json", person())
    with pytest.raises(AnatomyError, match="expected a frame number in the name 'keypoints"):
        load_keypoints(tmp_path, **STATED)


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "0.json").mkdir()
    with pytest.raises(AnatomyError, match=r"0\.json: cannot be read"):
        load_keypoints(tmp_path, **STATED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["people", "pose_keypoints_2d", "x"]), inner, max_size=2)
    ),
    max_leaves=12,
)
NUMBERS = st.lists(st.floats() | st.integers(-3, 700), min_size=3, max_size=6)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=JSON | NUMBERS.map(lambda v: {"people": [{"pose_keypoints_2d": v}]}))
def test_any_json_loads_or_is_refused(tmp_path: Path, content: object) -> None:
    (tmp_path / "0.json").write_text(json.dumps(content))
    try:
        people = load_keypoints(tmp_path, **STATED)
    except AnatomyError as error:
        assert str(tmp_path) in str(error)
    else:
        assert all(p.skeleton == BODY_25B for p in people)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, len(GOOD) - 1))
def test_any_truncation_is_refused(tmp_path: Path, cut: int) -> None:
    (tmp_path / "0.json").write_text(GOOD[:cut])
    with pytest.raises(AnatomyError, match="not a readable JSON file"):
        load_keypoints(tmp_path, **STATED)
