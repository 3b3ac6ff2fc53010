"""Options of ``anatomy-tf lift`` that stand people in the room."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from anatomy_tf.cli.options import arg, check_unused
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FIELD_OF_VIEW, HEIGHT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anatomy_tf.cameras import Camera
    from anatomy_tf.sequences import KeypointSequence, PoseSequence

SHORTEST_UP, LONGEST_UP = 1e-6, 1e6
"""Length of a direction in any unit of a sensor, which single precision holds with its square."""

FULL_TURN = 360.0
"""Degrees."""

_CAMERA = tyro.conf.create_mutex_group(required=False, title="camera")
_UP = tyro.conf.create_mutex_group(required=False, title="which way is up")


@dataclasses.dataclass(frozen=True)
class RoomOptions:
    """Options about where lifted people stand.

    Args:
        place: write each person's path through the room, in metres from the camera, instead of
            poses around the pelvis. Without --fov, --focal or --camera, a camera is assumed that
            sees 60 degrees over the longer side of the image.
        fov: the camera's horizontal field of view. Models of the canonical view, as the shipped
            ones are, use --fov, --focal and --camera, and so do --place and --floor.
        focal: the camera's focal length in pixels of the video.
        camera: a calibration file of OpenCV (.yaml, .xml, .json, .npz), Pose2Sim, Sports2D,
            Caliscope, Anipose or FreeMoCap (.toml), ROS or Kalibr (.yaml), and the camera's name if
            the file has several.
        up: the direction against gravity in the camera's axes (x right, y down, z forward), such as
            a phone's sensor measures; --up 0 -1 0 for a level camera. By default it is read from
            the calibration file or estimated by a model of the canonical view.
        attitude: instead of --up, the degrees by which the camera looks down and is rolled
            clockwise.
        level: turn poses so that z is up, by --up, the calibration file, or the estimate.
        floor: do --place and --level, and stand people on the floor z = 0, with feet that do not
            slide.
        height: the person's height in metres. Bones and path are scaled to it; for one person.
    """

    place: tyro.conf.FlagCreatePairsOff[bool] = False
    fov: Annotated[float | None, arg(metavar="DEGREES"), _CAMERA] = None
    focal: Annotated[float | None, arg(metavar="PIXELS"), _CAMERA] = None
    camera: Annotated[tuple[str] | tuple[str, str] | None, arg(metavar="FILE [NAME]"), _CAMERA] = (
        None
    )
    up: Annotated[tuple[float, float, float] | None, arg(metavar="X Y Z"), _UP] = None
    attitude: Annotated[tuple[float, float] | None, arg(metavar="PITCH ROLL"), _UP] = None
    level: tyro.conf.FlagCreatePairsOff[bool] = False
    floor: tyro.conf.FlagCreatePairsOff[bool] = False
    height: Annotated[float | None, arg(metavar="METRES")] = None

    def check(self) -> None:
        """Refuse options that do not go together; call it before the long work.

        Raises:
            AnatomyError: naming the option.
        """
        if self.up is not None and not SHORTEST_UP <= math.hypot(*self.up) <= LONGEST_UP:
            stated = " ".join(f"{part:g}" for part in self.up)
            raise AnatomyError(f"--up: expected a direction, such as 0 -1 0, got {stated}")
        if self.attitude is not None and not all(abs(part) <= FULL_TURN for part in self.attitude):
            stated = " ".join(f"{part:g}" for part in self.attitude)
            raise AnatomyError(f"--attitude: expected degrees from -360 to 360, got {stated}")
        if self.fov is not None:
            FIELD_OF_VIEW.check(self.fov, "--fov")
        if self.height is not None:
            HEIGHT.check(self.height, "--height")

    def check_people(self, people: Sequence[KeypointSequence], canonical: bool) -> None:
        """Refuse what cannot be asked of these people; call it before the long work.

        Args:
            people: whose poses are wanted.
            canonical: whether the model sees the canonical view.

        Raises:
            AnatomyError: naming the option.
        """
        if not (self._placed or canonical):
            why = "goes with --place, --floor or a model of the canonical view"
            check_unused(self._stated_camera, why)
        if self.height is not None and len(people) > 1:
            raise AnatomyError(
                f"--height is one person's, and here are {len(people)}; choose one (--person N)"
            )
        if self._placed or self._known_camera:
            self._camera_of(people[0])

    def view(self, keypoints: KeypointSequence) -> dict[str, Any]:
        """Return what is known of the camera, as arguments of ``Lifter.lift_all``.

        Args:
            keypoints: of the camera's picture.
        """
        import numpy as np

        from anatomy_tf.poses import up_of_camera

        camera = self._camera_of(keypoints) if self._known_camera else None
        up: Any = self.up
        if self.attitude is not None:
            up = up_of_camera(*map(math.radians, self.attitude))
        elif up is None and camera is not None and camera.has_world:
            up = camera.up
        return {"up": None if up is None else np.array(up, np.float32), "camera": camera}

    def stand(
        self, poses: Sequence[PoseSequence], keypoints: Sequence[KeypointSequence]
    ) -> list[PoseSequence]:
        """Return the poses placed, levelled and stood on the floor as the options ask for.

        Raises:
            AnatomyError: when somebody cannot be placed or nobody shows what is up.
        """
        from anatomy_tf.poses import level, place_in_camera, scale_to_height, stand_on_floor

        people = list(poses)
        if self.height is not None:
            people = [scale_to_height(one, self.height) for one in people]
        if self._placed:
            camera = self._camera_of(keypoints[0])
            seen = zip(people, keypoints, strict=True)
            people = [place_in_camera(one, points, camera) for one, points in seen]
        if self.level or self.floor:
            stated = self.view(keypoints[0])["up"]
            up = _common_up(people) if stated is None else stated
            people = [level(one, up) for one in people]
        if self.floor:
            people = [stand_on_floor(one) for one in people]
        return people

    def remark(self) -> str | None:
        """Return a line about what was assumed."""
        if not self._placed or self._known_camera:
            return None
        from anatomy_tf.cameras import DEFAULT_FIELD_OF_VIEW

        return (
            f"Assumed a camera that sees {DEFAULT_FIELD_OF_VIEW:g} degrees over the longer side of "
            "the image; for right distances give yours with --fov, --focal or --camera"
        )

    @property
    def _placed(self) -> bool:
        return self.place or self.floor

    @property
    def _stated_camera(self) -> dict[str, object]:
        return {"--fov": self.fov, "--focal": self.focal, "--camera": self.camera}

    @property
    def _known_camera(self) -> bool:
        return any(value is not None for value in self._stated_camera.values())

    def _camera_of(self, keypoints: KeypointSequence) -> Camera:
        from anatomy_tf.cameras import Camera, check_lens, default_focal_length
        from anatomy_tf.formats import load_camera

        width, height = keypoints.width, keypoints.height
        if self.camera is not None:
            path, name = Path(self.camera[0]), self.camera[1] if len(self.camera) == 2 else None
            return load_camera(path, name, image_size=(width, height)).resized(width, height)
        if self.fov is not None:
            return Camera.from_field_of_view(self.fov, width, height)
        if self.focal is None:
            return Camera.pinhole(default_focal_length(width, height), width, height, "assumed")
        stated = Camera.pinhole(self.focal, width, height, "--focal")
        check_lens(stated, "--focal")
        return stated


def _common_up(people: Sequence[PoseSequence]) -> NDArray[np.float64]:
    """Return one up direction for all people, estimated where a person's poses state none.

    Raises:
        AnatomyError: when nobody shows one.
    """
    from anatomy_tf.poses import common_up, estimate_up

    shown, silent = [], []
    for one in people:
        try:
            up = estimate_up(one) if one.up is None else one.up
        except AnatomyError as error:
            silent.append(error)
        else:
            shown.append(dataclasses.replace(one, up=up))
    common = common_up(shown)
    if common is None:
        raise silent[0]
    return common
