"""A check of lenses that people and programs state."""

from __future__ import annotations

from anatomy_tf.cameras.camera import Camera
from anatomy_tf.cameras.field_of_view import view_of_focal
from anatomy_tf.errors import AnatomyError

WIDEST = 150.0
"""Degrees; the widest lenses that keep lines straight have some 130. A focal length in millimetres
that is taken for pixels gives more."""

MIDDLE = (0.25, 0.75)
"""Shares of the image's sides between which a lens's centre is; lenses have it within some
hundredths of the middle, pictures that were cut out of others farther away."""


def check_lens(camera: Camera, where: str) -> None:
    """Refuse a lens that no camera has: its unit, or the size of its image is another.

    Args:
        camera: the camera.
        where: the place that states it, for the message.

    Raises:
        AnatomyError: when the field of view is over ``WIDEST`` or the centre outside ``MIDDLE``.
    """
    size = f"{camera.width}x{camera.height}"
    view = view_of_focal(camera.focal_length[0], camera.width)
    if view > WIDEST:
        raise AnatomyError(
            f"{where}: expected a focal length in pixels, got {camera.focal_length[0]:g} for an "
            f"image of {size}, which is a view of {view:.0f} degrees; is it in millimetres?"
        )
    least, most = MIDDLE
    sides = (camera.width, camera.height)
    if not all(least < c / side < most for c, side in zip(camera.centre, sides, strict=True)):
        raise AnatomyError(
            f"{where}: expected a centre near the middle of the image of {size}, got "
            f"{camera.centre[0]:g}, {camera.centre[1]:g}; is that the size, width first, of the "
            "images of the calibration?"
        )
