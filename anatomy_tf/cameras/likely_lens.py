"""A check of lenses that people and programs state."""

from __future__ import annotations

from anatomy_tf.cameras.camera import Camera
from anatomy_tf.cameras.field_of_view import view_of_focal
from anatomy_tf.errors import AnatomyError

WIDEST = 150.0
"""Degrees; the widest lenses that keep lines straight have some 130. A focal length in millimetres
that is taken for pixels gives more."""

NEAR_MIDDLE = 0.1
"""Share of a side by which a lens's centre may be off the middle of a whole picture."""

ALIKE = 0.05
"""Difference of the centre's shares of both sides, up to which it is that of a scaled picture."""

OFF_MIDDLE = 0.2
"""Share of a side from which on such a centre is not that of this picture."""


def check_lens(camera: Camera, where: str) -> None:
    """Refuse a lens that was stated in another unit, or for an image of another size.

    The centre need not be in the middle, since the image may be cut out of a larger one.

    Args:
        camera: the camera.
        where: the place that states it, for the message.

    Raises:
        AnatomyError: when the field of view is over ``WIDEST``, or the centre lies outside the
            image, or in the middle of one whose sides are exchanged or scaled.
    """
    width, height = camera.width, camera.height
    view = view_of_focal(camera.focal_length[0], width)
    if view > WIDEST:
        raise AnatomyError(
            f"{where}: expected a focal length in pixels, got {camera.focal_length[0]:g} for an "
            f"image of {width}x{height}, which is a view of {view:.0f} degrees; is it in "
            "millimetres?"
        )
    if _is_of_another_size(camera):
        raise AnatomyError(
            f"{where}: expected a centre that fits the image of {width}x{height}, got "
            f"{camera.centre[0]:g}, {camera.centre[1]:g}; is that the size, width first, of the "
            "images of the calibration?"
        )


def _is_of_another_size(camera: Camera) -> bool:
    """Return whether a camera's centre is that of an image of another size."""
    (x, y), width, height = camera.centre.tolist(), camera.width, camera.height
    across, down = x / width, y / height
    if not (0 <= across <= 1 and 0 <= down <= 1):
        return True

    def in_middle(*shares: float) -> bool:
        return all(abs(share - 0.5) < NEAR_MIDDLE for share in shares)

    exchanged = in_middle(x / height, y / width) and not in_middle(across, down)
    scaled = abs(across - down) < ALIKE and abs(across - 0.5) > OFF_MIDDLE
    return exchanged or scaled
