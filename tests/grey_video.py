"""Videos whose frames tell their number."""

from pathlib import Path

import imageio_ffmpeg
import numpy as np

GREY_STEP = 8
"""Frame n is 8 n grey levels bright."""


def grey_video(path: Path, frames: int, fps: float, size: tuple[int, int] = (160, 100)) -> Path:
    """A lossless video of at most 32 frames; frame n is ``GREY_STEP`` n bright."""
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=fps, codec="libx264rgb", pix_fmt_out="rgb24", macro_block_size=1,
        quality=None, output_params=["-qp", "0"],
    )  # fmt: skip
    writer.send(None)
    for number in range(frames):
        writer.send(np.full((size[1], size[0], 3), GREY_STEP * number, np.uint8))
    writer.close()
    return path
