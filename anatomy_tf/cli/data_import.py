"""``anatomy-tf data import``: your own recordings as a data set that trains by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.startup_notes import startup_notes_hidden


def import_folder(
    folder: Annotated[Path, tyro.conf.Positional, arg(metavar="FOLDER")],
    skeleton: Annotated[str, arg(metavar="NAME")],
    fps: Annotated[str, arg(metavar="FPS")],
    name: Annotated[str | None, arg(metavar="NAME")] = None,
    unit: Annotated[str, arg(metavar="m|cm|mm")] = "m",
    test: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="PERSON")] = (),
    to: Annotated[Path | None, arg(metavar="DIR")] = None,
    replace: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False,
) -> None:
    """Make a data set of your own recordings.

    A file PERSON/CLIP.CAMERA.csv (.json, .npz) is one camera's view of one clip: 2D keypoints in
    pixels and 3D positions of the same joints. cameras.json, beside the persons' folders, states
    each camera's image_size, focal_length and centre in pixels. docs/own_recordings.md is a guide.

    Args:
        folder: the folder that contains the persons' folders.
        skeleton: the layout that names the joints, such as human36m_17 or coco_17.
        fps: frames a second of all recordings, such as 25 or 30000/1001.
        name: name of the data set; by default that of the folder.
        unit: unit of the 3D positions.
        test: a person of the test split; may be given again. Everyone else is for training.
        to: where data sets are kept; by default $ANATOMY_TF_DATA or ~/anatomy_tf_data.
        replace: replace an imported data set of this name.
    """
    from anatomy_tf.cli.stated_video import parse_rate
    from anatomy_tf.data.datasets.own_recordings import import_recordings
    from anatomy_tf.data.datasets.sources import data_directory

    rate = parse_rate(fps)
    assert rate is not None
    chosen = folder.resolve().name if name is None else name
    with startup_notes_hidden():
        made = import_recordings(
            folder,
            data_directory(to),
            chosen,
            skeleton=skeleton,
            fps=rate,
            unit=unit,
            test_subjects=test,
            replace=replace,
        )
    plain_console(soft_wrap=True).print(f"{chosen} is in {made}")
