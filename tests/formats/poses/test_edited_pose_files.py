"""Files of poses that other programs and people changed: read rightly, or refused in one line."""

import dataclasses

import numpy as np
import pytest
from pose_clips import moving

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_poses, save_poses

CLIP = moving(axes="world")
JOINTS = CLIP.skeleton.joint_names
AXES, FIRST = 4, 6
"""Lines of a TRC file: the axes' names, and the first frame."""


def check(path, content):
    path.write_text(content)
    (read,) = load_poses(path)
    assert (read.skeleton, read.fps) == (CLIP.skeleton, CLIP.fps)
    np.testing.assert_allclose(read.positions, CLIP.positions, atol=2e-5)


def refused(path, content, message):
    path.write_text(content)
    with pytest.raises(AnatomyError, match=message) as caught:
        load_poses(path)
    assert "\n" not in str(caught.value)


@pytest.fixture
def trc(tmp_path):
    """A file's path and the cells of its lines."""
    path = tmp_path / "p.trc"
    save_poses(path, [CLIP])
    return path, [line.split("\t") for line in path.read_text().splitlines()]


def joined(rows):
    return "\n".join("\t".join(row) for row in rows)


def test_trc_with_blanks_commas_and_words(trc):
    path, rows = trc
    check(path, joined([[f" {cell}" for cell in row] if row[0] else row for row in rows]))
    check(path, joined(rows).replace("\tm\t", "\tMeters\t"))
    frames = [[cell.replace(".", ",") for cell in row] for row in rows[FIRST:]]
    check(path, joined(rows[:FIRST] + frames))
    check(path, joined([*rows[:3], ["Frame#", "Time", *JOINTS], *rows[4:]]))
    named = [f"Anna:{cell}" if cell else "" for cell in rows[3][2:]]
    check(path, joined([*rows[:3], rows[3][:2] + named, *rows[4:]]))
    assert load_poses(path)[0].person == "Anna"


def test_a_marker_without_a_name_is_passed_over(trc):
    path, rows = trc
    added = {3: ["", "", ""], AXES: ["X", "Y", "Z"], FIRST - 1: []}
    nines = ["9", "9", "9"]
    check(
        path,
        joined(
            row[:5] + (added.get(i, nines) if i > 2 else []) + row[5:] for i, row in enumerate(rows)
        ),
    )


@pytest.mark.parametrize("gap", ["", "NaN", "0.000000"])
def test_gaps_of_a_marker_are_named(trc, gap):
    path, rows = trc
    rows[FIRST + 3][5:8] = [gap] * 3
    refused(path, joined(rows), f"{JOINTS[1]} is missing from frame 3 .counted from 0.")


def test_a_marker_on_the_floor_is_no_gap(trc):
    path, rows = trc
    rows[FIRST + 3][5:8] = ["100.0", "0.0", "0.0"]
    path.write_text(joined(rows))
    np.testing.assert_allclose(load_poses(path)[0].positions[3, 1, 2], 0, atol=1e-7)


def test_a_marker_that_was_never_found_is_named(trc):
    path, rows = trc
    for row in rows[FIRST:]:
        row[5:8] = ["0.000000"] * 3
    refused(path, joined(rows), f"{JOINTS[1]} is missing from frame 0 .counted from 0.")


def test_frames_and_times_that_do_not_fit(trc):
    path, rows = trc
    refused(path, joined(rows[: FIRST + 2] + rows[FIRST + 5 :]), "expected frame 3 after 2, got 6")
    refused(path, joined(rows[:FIRST] + rows[:FIRST:-1]), "expected frame 13 after 12, got 11")
    rows[2][0] = "100"
    refused(path, joined(rows), "times of DataRate 100, got 50 frames a second")


def test_markers_that_no_layout_has_are_named(trc):
    path, rows = trc
    refused(path, joined(rows).replace("left_knee", "LKNE"), "any known layout, but 'LKNE'$")


def test_two_markers_of_one_name_are_refused(trc):
    path, rows = trc
    refused(path, joined(rows).replace("left_knee", "right_knee"), "its 17 markers are not the")
    rows[3].append("pelvis")
    added = [[*row, "1", "2", "3"] for row in rows[FIRST:]]
    refused(
        path,
        joined(rows[:FIRST] + added),
        "its 18 markers are not the joints .* but 'pelvis', 'right_hip'",
    )


@pytest.mark.parametrize("factor", [1000, 0.001])
@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv", ".trc"])
def test_bodies_of_another_unit(tmp_path, suffix, factor):
    path = tmp_path / f"p{suffix}"
    clip = moving()
    save_poses(path, [dataclasses.replace(clip, positions=clip.positions * factor)])
    with pytest.raises(AnatomyError, match="in another unit"):
        load_poses(path)


@pytest.fixture
def csv(tmp_path):
    """A file's path, its first line and the cells of the others."""
    path = tmp_path / "p.csv"
    save_poses(path, [CLIP])
    facts, *rows = path.read_text().splitlines()
    return path, facts, [row.split(",") for row in rows]


def table(facts, rows, separator=","):
    return "\n".join([facts, *(separator.join(row) for row in rows)])


def test_csv_of_pandas_and_spreadsheets(csv):
    path, facts, (titles, *rows) = csv
    check(path, table(facts, [["", *titles], *([str(i), *r] for i, r in enumerate(rows))]))
    check(path, table(facts, [[*titles, "speed"], *([*row, "1.5"] for row in rows)]))
    check(path, table(facts, [row[::-1] for row in (titles, *rows)]))
    texts = [[r[0], f"{r[1]}.0", r[2], "True", *r[4:]] for r in rows]
    check(path, table(facts, [titles, *texts]))
    commas = [[cell.replace(".", ",") for cell in row] for row in rows]
    check(path, table(facts, [titles, *commas], ";"))


def test_csv_with_gaps_or_other_columns(csv):
    path, facts, (titles, *rows) = csv
    renamed = ["LKNE_x" if title == "left_knee_x" else title for title in titles]
    refused(path, table(facts, [renamed, *rows]), "of human36m_17: left_knee_x is there 0 times")
    twice = [[*row, row[4]] for row in (titles, *rows)]
    refused(path, table(facts, twice), "pelvis_x is there 2 times instead of once")
    rows[3][7] = ""
    refused(path, table(facts, [titles, *rows]), "a position of frame 3 is NaN")
    rows[3][7] = "abc"
    refused(path, table(facts, [titles, *rows]), "positions: expected a number, got 'abc'")
