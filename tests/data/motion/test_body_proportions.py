import dataclasses

import numpy as np
import pytest

from anatomy_tf.anatomy import bone_directions, bone_lengths, lengthen_bones
from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

CLIPS = procedural_motion(people=30, seconds=0.3)[::6]
PEOPLE = BodyProportions.of(CLIPS)


def logarithms(clips):
    return np.log([bone_lengths(clip.positions[0], HUMAN36M_17) for clip in clips])


def test_new_people_are_distributed_as_those_that_were_given():
    rng = np.random.default_rng(0)
    drawn = np.log([PEOPLE.draw(rng) for _ in range(4000)])
    given = logarithms(CLIPS)
    np.testing.assert_allclose(drawn.mean(axis=0), given.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(drawn.std(axis=0), given.std(axis=0), rtol=0.1)
    wide = np.log([PEOPLE.draw(rng, spread=2) for _ in range(4000)])
    np.testing.assert_allclose(wide.std(axis=0), 2 * drawn.std(axis=0), rtol=0.1)


def test_bones_that_grow_together_in_people_do_so_in_new_ones():
    """One more factor of size in all people shows in every pair of bones."""
    rng = np.random.default_rng(1)
    sized = []
    for clip in CLIPS:
        own = bone_lengths(clip.positions, HUMAN36M_17)
        change = own * (np.exp(rng.normal(0, 0.3)) - 1)
        positions = lengthen_bones(clip.positions, change, HUMAN36M_17)
        sized.append(dataclasses.replace(clip, positions=positions))
    people = BodyProportions.of(sized)
    drawn = np.log([people.draw(rng) for _ in range(2000)])
    assert np.corrcoef(drawn, rowvar=False).min() > 0.6


def test_left_and_right_are_alike():
    lengths = PEOPLE.draw(np.random.default_rng(2))
    np.testing.assert_allclose(lengths, lengths[list(HUMAN36M_17.bone_flip_order)], rtol=1e-6)


def test_another_body_moves_as_the_first_did_on_the_same_floor():
    clip = CLIPS[0]
    lengths = 0.8 * bone_lengths(clip.positions[0], HUMAN36M_17)
    child = PEOPLE.worn_by(clip, lengths)
    np.testing.assert_allclose(
        bone_lengths(child.positions, HUMAN36M_17), np.tile(lengths, (len(clip), 1)), rtol=1e-3
    )
    np.testing.assert_allclose(
        bone_directions(child.positions, HUMAN36M_17),
        bone_directions(clip.positions, HUMAN36M_17),
        atol=1e-4,
    )
    # All of it is smaller, steps and height too.
    np.testing.assert_allclose(child.positions, 0.8 * clip.positions, atol=0.01)


def test_who_is_no_people():
    with pytest.raises(AnatomyError, match="two people or more, got 1"):
        BodyProportions.of(CLIPS[:1])
    arm = MotionClip(
        np.zeros((2, 3, 3)),
        Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1)),
        50,
        "a",
        "b",
        "c",
    )
    with pytest.raises(AnatomyError, match="one skeleton"):
        BodyProportions.of([*CLIPS, arm])
    with pytest.raises(AnatomyError, match="expected clips of 'human36m_17', got 'arm'"):
        PEOPLE.worn_by(arm, np.ones(2))
