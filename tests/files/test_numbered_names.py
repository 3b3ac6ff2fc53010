import time

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.numbered_names import check_mostly_there, files_of, numbers_of_names


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["33300_0.png", "33301_0.png"], [33300, 33301]),
        (["img9.png", "img10.png", "img9.png"], [9, 10]),
        (["take1_0001", "take1_0002", "take2_0003"], [1, 2, 3]),
        (["f_3_10.jpg", "f_4_11.jpg"], [10, 11]),
        (["a_1_0.033.png", "a_2_0.066.png", "a_3_0.100.png"], [1, 2, 3]),
        (["clip.0012", "clip.0013"], [12, 13]),
        (["v.mp4"], None),
        (["a_7_b_8.png"], [8]),
        (["7_0a1b2c3d4e5f6789.jpg", "8_ffeeddccbbaa9988.jpg"], [7, 8]),
        ([], []),
    ],
)
def test_the_number_that_varies(names, numbers):
    if numbers is None:
        with pytest.raises(AnatomyError, match=r"expected a frame number in the name 'v\.mp4'"):
            numbers_of_names(names, "folder")
    else:
        assert list(numbers_of_names(names, "folder").values()) == numbers


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["c1_01", "c1_02", "c2_01", "c2_02"], "which number is the frame's"),
        # Milliseconds begin anew after a second.
        (["12.01.966", "12.02.000", "12.02.033"], "which number is the frame's"),
        (["left_1", "right_1"], "'left_1' and 'right_1' are both frame 1"),
        (["img_1", "img_1_2"], "expected names that differ in the frame's number only"),
        (["9" * 19], "expected a frame number"),
    ],
)
def test_ambiguous_names_are_refused(names, line):
    with pytest.raises(AnatomyError, match=line):
        numbers_of_names(names, "folder")


def test_frames_that_are_mostly_missing(tmp_path):
    check_mostly_there([0, 1, 3, 4], tmp_path)
    check_mostly_there([0, 1, 3], tmp_path)
    with pytest.raises(AnatomyError, match="run from frame 0 to 6, but only 3 of these 7 frames"):
        check_mostly_there([0, 3, 6], tmp_path)


def test_hidden_files_are_left_out(tmp_path):
    for name in ("b.json", "a.json", "._a.json", "c.txt"):
        (tmp_path / name).touch()
    assert [file.name for file in files_of(tmp_path, ".json")] == ["a.json", "b.json"]


def test_a_name_of_many_digits_takes_no_time():
    begun = time.monotonic()
    with pytest.raises(AnatomyError, match="expected a frame number in the name"):
        numbers_of_names(["9" * 200_000], "clip.json")
    assert time.monotonic() - begun < 5
