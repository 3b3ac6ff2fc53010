"""Made people who walk, cross, turn somersaults and hide: what a detector would find of them."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.skeletons import COCO_17

SIZE = (1280, 720)
"""Width and height of the picture."""

FLOOR = 600.0
"""Where feet stand, pixels from the top."""

_REST = {
    "nose": (0.05, 0.92),
    "left_eye": (0.04, 0.94),
    "right_eye": (0.06, 0.94),
    "left_ear": (0.00, 0.93),
    "right_ear": (0.02, 0.93),
    "left_shoulder": (-0.02, 0.80),
    "right_shoulder": (0.02, 0.80),
    "left_hip": (-0.02, 0.52),
    "right_hip": (0.02, 0.52),
}
"""Shares of the body's height: ahead of its middle, above its feet."""

_UPPER_ARM, _FOREARM, _THIGH, _SHIN = 0.18, 0.15, 0.25, 0.25


@dataclasses.dataclass
class Person:
    """Where a person is and what its body does, frame by frame.

    Attributes:
        x: (T,) pixels of the body's middle.
        height: (T,) pixels.
        turn: (T,) radians that the whole body is turned about its middle, forwards.
        tuck: (T,) 0 stretched to 1 knees at the chest.
        lift: (T,) pixels above the floor.
        seen: (T,) whether the detector finds it.
        facing: 1 to the right, -1 to the left.
        cadence: strides a second.
    """

    x: NDArray[np.float64]
    height: NDArray[np.float64]
    turn: NDArray[np.float64]
    tuck: NDArray[np.float64]
    lift: NDArray[np.float64]
    seen: NDArray[np.bool_]
    facing: int = 1
    cadence: float = 0.9

    def joints(self, fps: float) -> NDArray[np.float64]:
        """(T, 17, 2) pixels, x right and y down."""
        frames = len(self.x)
        swing = 0.45 * np.sin(2 * np.pi * self.cadence * np.arange(frames) / fps)
        places = {name: np.tile(place, (frames, 1)) for name, place in _REST.items()}
        for side, sign in (("left", 1), ("right", -1)):
            leg = sign * swing * (1 - self.tuck) + 1.9 * self.tuck
            shin = leg - 0.3 * (1 - self.tuck) - 2.2 * self.tuck
            arm = -sign * swing * (1 - self.tuck) + 1.2 * self.tuck
            places[f"{side}_knee"] = places[f"{side}_hip"] + _along(leg, _THIGH)
            places[f"{side}_ankle"] = places[f"{side}_knee"] + _along(shin, _SHIN)
            places[f"{side}_elbow"] = places[f"{side}_shoulder"] + _along(arm, _UPPER_ARM)
            places[f"{side}_wrist"] = places[f"{side}_elbow"] + _along(arm + 0.4, _FOREARM)
        body = np.stack([places[name] for name in COCO_17.joint_names], axis=1)
        middle = np.array([0.0, 0.55])
        cosine, sine = np.cos(self.turn)[:, None], np.sin(self.turn)[:, None]
        ahead, up = np.moveaxis(body - middle, -1, 0)
        turned = np.stack([cosine * ahead + sine * up, -sine * ahead + cosine * up], axis=-1)
        turned = (turned + middle) * self.height[:, None, None] * (self.facing, -1)
        return turned + np.stack([self.x, FLOOR - self.lift], axis=-1)[:, None]


def _along(angle: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """(T, 2) a limb that hangs at an angle from straight down, forwards."""
    return length * np.stack([np.sin(angle), -np.cos(angle)], axis=-1)


def walker(
    frames: int,
    fps: float,
    start: float,
    speed: float = 0.8,
    height: float = 300.0,
) -> Person:
    """Somebody who walks at so many heights a second to the right, or to the left if negative."""
    seconds = np.arange(frames) / fps
    still = np.zeros(frames)
    return Person(
        x=start + speed * height * seconds,
        height=np.full(frames, height),
        turn=still.copy(),
        tuck=still.copy(),
        lift=still.copy(),
        seen=np.ones(frames, bool),
        facing=1 if speed >= 0 else -1,
        cadence=0.9 if speed else 0.0,
    )


def somersault(person: Person, fps: float, begin: float, seconds: float = 0.7) -> Person:
    """The person with a somersault in the air, tucked, from a second on."""
    share = np.clip((np.arange(len(person.x)) / fps - begin) / seconds, 0, 1)
    arc = np.sin(np.pi * share)
    return dataclasses.replace(
        person, turn=2 * np.pi * share, tuck=arc**0.5, lift=0.5 * person.height * arc
    )


def hidden(person: Person, fps: float, begin: float, end: float) -> Person:
    """The person, not found from one second to another."""
    seconds = np.arange(len(person.x)) / fps
    return dataclasses.replace(person, seen=person.seen & ~((seconds >= begin) & (seconds < end)))


def hidden_behind(person: Person, other: Person, share: float = 0.35) -> Person:
    """The person, not found while the two middles are nearer than this share of a height."""
    near = np.abs(person.x - other.x) < share * other.height
    return dataclasses.replace(person, seen=person.seen & ~near)


def detections(
    people: list[Person],
    fps: float,
    seed: int = 0,
    noise: float = 0.01,
    lost_joints: float = 0.05,
    lost_people: float = 0.02,
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.intp]]]:
    """What a detector finds in each frame, in any order.

    Args:
        people: of equal length.
        fps: frames a second.
        seed: draws noise, losses and order.
        noise: standard deviation of a keypoint, share of the person's height.
        lost_joints: share of the keypoints that are not found.
        lost_people: share of a person's frames in which it is not found.

    Returns:
        For each frame (P, 17, 2) pixels, NaN where a joint was not found, and (P,) who it is.
    """
    rng = np.random.default_rng(seed)
    places = [person.joints(fps) for person in people]
    found, who = [], []
    for frame in range(len(people[0].x)):
        there = [
            index
            for index, person in enumerate(people)
            if person.seen[frame] and 0 < person.x[frame] < SIZE[0] and rng.random() >= lost_people
        ]
        rng.shuffle(there)
        points = np.full((len(there), 17, 2), np.nan, np.float32)
        for row, index in enumerate(there):
            spread = noise * people[index].height[frame]
            points[row] = places[index][frame] + rng.normal(0, spread, (17, 2))
            points[row, rng.random(17) < lost_joints] = np.nan
            points[row, 0] = places[index][frame, 0]
        found.append(points)
        who.append(np.array(there, np.intp))
    return found, who
