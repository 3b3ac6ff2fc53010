"""The detected clip, which an evaluation lifts and scores: detections with true poses."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence


@dataclasses.dataclass(frozen=True)
class DetectedClip:
    """The detections in one camera's video of one person, and the true positions of the joints.

    A ``View`` is what a network takes; this is what a user has: pixels, in the detector's layout
    and at the video's frame rate.

    Args:
        keypoints: the detections.
        positions: (T, K, 3) true positions of K joints in a world that stands still; metres, or an
            unknown unit where ``metric`` is false; NaN where unknown. The camera's axes are such a
            world when the camera stands still.
        joint_names: names of the K joints.
        rotation: (3, 3), or (T, 3, 3) for a moving camera: world to camera axes (x right, y down,
            z forward).
        up: (3,) direction against gravity in the world, of any length; ``None`` where unknown.
        metric: whether positions are metres.
        subject: the person.
        action: what the person does.
        clip: the clip's name.
        camera: the camera's name.

    Raises:
        AnatomyError: naming the clip, for a wrong shape, an infinite number, positions that are
            unknown throughout, a matrix that is no rotation, or ``up`` without a direction.
    """

    keypoints: KeypointSequence
    positions: NDArray[np.float32]
    joint_names: tuple[str, ...]
    rotation: NDArray[np.float64]
    up: NDArray[np.float64] | None = None
    metric: bool = True
    subject: str = "0"
    action: str = ""
    clip: str = "0"
    camera: str = "0"

    def __post_init__(self) -> None:
        frames, joints = len(self.keypoints), len(self.joint_names)
        positions = np.asarray(self.positions, np.float32)
        if positions.shape != (frames, joints, 3):
            raise AnatomyError(
                f"{self}: expected positions of shape ({frames}, {joints}, 3), a frame of the "
                f"keypoints and a joint name each, got {positions.shape}"
            )
        if np.isinf(positions).any():
            raise AnatomyError(f"{self}: a position is infinite")
        if np.isnan(positions).any(axis=-1).all():
            raise AnatomyError(f"{self}: expected true positions, all are NaN")
        rotation = np.asarray(self.rotation, np.float64)
        if rotation.shape not in ((3, 3), (frames, 3, 3)):
            raise AnatomyError(
                f"{self}: expected a rotation of shape (3, 3) or ({frames}, 3, 3), "
                f"got {rotation.shape}"
            )
        product = rotation @ np.swapaxes(rotation, -1, -2)
        if not (np.allclose(product, np.eye(3), atol=1e-3) and (np.linalg.det(rotation) > 0).all()):
            raise AnatomyError(f"{self}: expected a rotation from world to camera, got no rotation")
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "rotation", rotation)
        if self.up is not None:
            up = np.asarray(self.up, np.float64)
            length = np.linalg.norm(up)
            if up.shape != (3,) or not (np.isfinite(length) and length > 0):
                raise AnatomyError(f"{self}: expected up as a direction (x, y, z), got {self.up}")
            object.__setattr__(self, "up", up / length)

    def __len__(self) -> int:
        return len(self.keypoints)

    def __str__(self) -> str:
        own = f"clip {self.subject}/{self.clip}, camera {self.camera}"
        return self.keypoints.source or own

    @property
    def pitch(self) -> float:
        """The angle by which the camera looks down, degrees, mean over the clip; NaN without up."""
        if self.up is None:
            return float("nan")
        return float(
            np.degrees(np.arcsin(np.clip(-(self.rotation @ self.up)[..., 2], -1, 1)).mean())
        )

    def in_camera_axes(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Turn world vectors (T, ..., 3), such as root-relative positions, into camera axes."""
        return _turned(vectors, self.rotation)

    def in_world_axes(self, vectors: NDArray[np.floating]) -> NDArray[np.floating]:
        """Turn vectors (T, ..., 3) in camera axes into world axes."""
        return _turned(vectors, np.swapaxes(self.rotation, -1, -2))


def _turned(vectors: NDArray[np.floating], rotation: NDArray[np.float64]) -> NDArray[np.floating]:
    subscripts = "tij,t...j->t...i" if rotation.ndim == 3 else "ij,t...j->t...i"
    return np.einsum(subscripts, rotation, vectors)
