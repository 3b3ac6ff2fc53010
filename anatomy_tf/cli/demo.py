"""``anatomy-tf demo``: the shipped sample, lifted and drawn."""

from __future__ import annotations

import time
from pathlib import Path

from anatomy_tf.cli.console import plain_console
from anatomy_tf.startup_notes import startup_notes_hidden


def demo(output: Path = Path("anatomy_demo"), model: str = "compact") -> None:
    """Lift a real person's detected keypoints, which come with the package, and draw the result.

    Args:
        output: folder to write to; files of an earlier demo are replaced.
        model: name of a shipped model, or the path of a model: .keras, .tflite, .onnx, a
            SavedModel's folder.
    """
    from anatomy_tf.cli.lifted_poses import print_poses, print_warnings
    from anatomy_tf.errors import AnatomyError
    from anatomy_tf.formats import load_keypoints, sample_keypoints, save_poses
    from anatomy_tf.formats.keypoints.reading.tracking import mean_area
    from anatomy_tf.inference import load_lifter
    from anatomy_tf.visualization import animate, contact_sheet, write_viewer
    from anatomy_tf.visualization.drawing.output import optional_module

    with startup_notes_hidden():
        lifter = load_lifter(model)
    for name in ("matplotlib", "imageio_ffmpeg"):
        optional_module(name)  # before the lifting, not after it
    console = plain_console()
    people = load_keypoints(sample_keypoints())
    keypoints = max(people, key=lambda person: mean_area(person.keypoints))
    console.print(
        f"OpenPose's keypoints of a person balancing: {len(keypoints)} frames at "
        f"{keypoints.fps:g} fps, {keypoints.width}x{keypoints.height} pixels, layout "
        f"{keypoints.skeleton.name} (Pose2Sim, BSD 3-Clause)"
    )
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnatomyError(f"{output}: cannot be made a folder ({error.strerror})") from None

    start = time.perf_counter()
    poses = lifter.lift(keypoints)
    seconds = time.perf_counter() - start
    save_poses(output / "poses.npz", [poses])
    with console.status("drawing"):
        contact_sheet(keypoints, poses, output / "contact_sheet.png")
        animate(keypoints, poses, output / "animation.mp4")
        write_viewer(
            [poses], output / "viewer.html", keypoints=[keypoints], title="A person balancing"
        )
    print_poses(console, [poses], seconds)
    print_warnings([poses])
    console.print("Written:")
    for name, what in (
        ("poses.npz", "positions in metres, root-relative, camera axes"),
        ("contact_sheet.png", "a few frames at a glance"),
        ("animation.mp4", "keypoints beside the turning pose"),
        ("viewer.html", "open it in a browser: turn, scrub, play"),
    ):
        console.print(f"  {output / name}  {what}", soft_wrap=True)
