"""``anatomy-tf lift``: 2D keypoints of a video in, 3D poses out."""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.detector_options import DetectorOptions
from anatomy_tf.cli.lifted_poses import print_left_out, print_poses, print_warnings, summary
from anatomy_tf.cli.options import arg, check_unused, given
from anatomy_tf.cli.other_files import check_other_file
from anatomy_tf.cli.read_poses import chosen_people
from anatomy_tf.cli.room import RoomOptions
from anatomy_tf.cli.stated_video import parse_rate, parse_size
from anatomy_tf.cli.written_poses import FileOptions, print_written
from anatomy_tf.errors import AnatomyError
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from anatomy_tf.sequences import KeypointSequence, PoseSequence


_WHO = tyro.conf.create_mutex_group(required=False, title="who (default: all)")


def lift(
    input: Annotated[Path, tyro.conf.Positional, arg(metavar="INPUT")],
    output: Annotated[Path | None, arg(metavar="PATH")] = None,
    fps: Annotated[str | None, arg(metavar="FPS")] = None,
    image_size: Annotated[str | None, arg(metavar="WxH")] = None,
    video: Annotated[Path | None, arg(metavar="PATH")] = None,
    layout: Annotated[str | None, arg(metavar="NAME")] = None,
    format: Annotated[str | None, arg(metavar="NAME")] = None,
    min_score: Annotated[float, arg(metavar="SHARE")] = 0.0,
    first_frame: Annotated[int | None, arg(metavar="N")] = None,
    normalized: Annotated[float | None, arg(metavar="N")] = None,
    model: str = "compact",
    person: Annotated[int | None, arg(metavar="N"), _WHO] = None,
    largest: Annotated[tyro.conf.FlagCreatePairsOff[bool], _WHO] = False,
    all: Annotated[tyro.conf.FlagCreatePairsOff[bool], _WHO] = False,
    flip: bool = True,
    fit: bool = True,
    smooth: Annotated[str | None, arg(metavar="NAME:HZ")] = None,
    detect_every: Annotated[int, arg(metavar="N")] = 1,
    save_keypoints: Annotated[Path | None, arg(metavar="PATH")] = None,
    uncertainty: tyro.conf.FlagCreatePairsOff[bool] = False,
    rigid: tyro.conf.FlagCreatePairsOff[bool] = False,
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False,
    json: tyro.conf.FlagCreatePairsOff[bool] = False,
    detector: tyro.conf.OmitArgPrefixes[DetectorOptions] = DetectorOptions(),  # noqa: B008
    room: tyro.conf.OmitArgPrefixes[RoomOptions] = RoomOptions(),  # noqa: B008
    file: tyro.conf.OmitArgPrefixes[FileOptions] = FileOptions(),  # noqa: B008
) -> None:
    """Turn a video, or the 2D keypoints of one, into 3D poses in metres.

    Without options about the room, positions are relative to the pelvis, in the camera's axes: x
    right, y down, z away from the camera.

    Args:
        input: a video; or a file or folder of keypoints, such as a folder of OpenPose JSON files.
        output: the file to write: .npz, .json, .csv, .glb, .bvh, .trc or .c3d (the last three hold
            one person, so each person gets a file), or a drawing: a viewer for the browser (.html),
            a contact sheet (.png) or a film (.mp4, .gif). Existing files are replaced. By default
            INPUT_poses.npz in the current folder.
        fps: frames a second, such as 25 or 30000/1001, if the input does not state it.
        image_size: width x height of the video in pixels, such as 1088x1920, if the input does not
            state it.
        video: the video in which the keypoints were found. It is read for frame rate and image size
            if neither the input nor an option states them, and drawn behind the keypoints of a
            drawing. By default the video of the same name beside the input, which is not drawn.
        layout: the names of the keypoints, such as body_25 or body_25b, if the input does not state
            them.
        format: the input's format; by default it is recognised by its content.
        min_score: keypoints with a lower score than this, from 0 to 1, count as not found.
        first_frame: begin with this frame of the video, counted from 0; by default with the first
            one in the input.
        normalized: what the image's right and lower edges are in the input, if these are neither
            the width and height in pixels nor 1, such as 1000.
        model: name of a shipped model, or the path of a model: .keras, .tflite, .onnx, a
            SavedModel's folder.
        person: lift this person only, counted from 0 in the order of the input (OpenPose: the
            person who is seen longest is 0).
        largest: lift only the person who is largest in the image.
        all: lift everyone; this is the default.
        flip: average with the prediction for the mirrored clip: more accurate, half as fast.
        fit: move joints across the picture towards their keypoints and give bones the lengths that
            agree with them. Only for models that estimate which way is up, as the shipped ones do.
        smooth: smooth the poses with the filter butterworth, savitzky_golay or one_euro and this
            cut-off in Hz, such as butterworth:6. A lower cut-off smooths more.
        detect_every: run the detector on every N-th frame of a video only, which is faster.
        save_keypoints: also write the detected keypoints to this file: .npz, .json or .csv.
        uncertainty: also write, to .npz, .json or .csv, the distance within which the true joint is
            in two of three cases; takes twice as long. For a model without calibration (anatomy-tf
            calibrate) it is the difference between equally good estimates, which is smaller.
        rigid: keep the person's estimated bone lengths in all frames, as fitted poses (--fit) do,
            so that .bvh and .glb, which hold rotations, match the poses.
        quiet: print warnings and errors only.
        json: print a JSON object with files, people, bone lengths in metres, warnings and what was
            assumed instead.
        detector: what finds the people of a video.
        room: where people stand.
        file: how the file is written.
    """
    from anatomy_tf.cli.drawn_poses import DRAWINGS, check_drawing, draw
    from anatomy_tf.cli.video_people import is_video, video_people
    from anatomy_tf.formats import load_keypoints
    from anatomy_tf.inference import load_lifter
    from anatomy_tf.poses.smoothing import parse_smoother

    console = plain_console(quiet=quiet or json)
    output = _checked_output(output or Path(f"{input.resolve().stem}_poses.npz"), file)
    calibration = Path(room.camera[0]) if room.camera else None
    check_other_file(output, input, video, calibration)
    if save_keypoints is not None and save_keypoints.resolve() == output.resolve():
        raise AnatomyError(f"{output}: --output and --save-keypoints name the same file")
    drawing = output.suffix in DRAWINGS
    room.check()
    if uncertainty:
        _check_holds_uncertainty(output)
    if smooth is not None:
        # Its cut-off is checked when the frame rate is known.
        parse_smoother(smooth)
    size, rate = parse_size(image_size), parse_rate(fps)
    find_people: Callable[[], list[KeypointSequence]]
    if detector.detector is None and not is_video(input):
        asked = {"--save-keypoints": save_keypoints, "--detect-every": detect_every != 1}
        check_unused(given(detector) | asked, "is for videos; here the input is keypoints")
        find_people = partial(
            load_keypoints,
            input,
            format=format,
            skeleton=layout,
            fps=rate,
            image_size=size,
            video=video,
            min_score=min_score,
            first_frame=first_frame,
            normalized=normalized,
        )
    else:
        stated = {
            "--video": video,
            "--image-size": image_size,
            "--layout": layout,
            "--format": format,
            "--min-score": min_score or None,
            "--first-frame": first_frame,
            "--normalized": normalized,
        }
        check_unused(stated, "is for files of keypoints; here the input is a video")
        # A drawing shows its own video.
        video = input
        find_people = partial(
            video_people,
            input,
            detector.named(),
            fps=rate,
            every=detect_every,
            saved=save_keypoints,
            console=console,
        )
    if drawing:
        output = check_drawing(output, video)
    # Before the long work; a SavedModel starts TensorFlow.
    with startup_notes_hidden():
        lifter = load_lifter(model)
    people = find_people()
    chosen, faint = _found(_chosen(people, None if all else person, largest))
    room.check_people(chosen, lifter.canonical)
    smoother = None if smooth is None else _smoother(smooth, chosen[0].fps)
    start = time.perf_counter()
    poses = lifter.lift_all(
        chosen, flip=flip, fit=fit, uncertainty=uncertainty, rigid=rigid, **room.view(chosen[0])
    )
    seconds = time.perf_counter() - start
    if smoother is not None:
        poses = [smoother(clip) for clip in poses]
    poses = room.stand(poses, chosen)
    if drawing:
        draw(output, poses, chosen, title=input.name, video=video, console=console)
        paths = [output]
    else:
        written = file.save(output, poses)
        print_written(console, written, constant=rigid or (fit and lifter.canonical))
        paths = [one.path for one in written]
    print_left_out(faint)
    if json:
        print(json_text.dumps(summary(paths, poses, seconds, room.remark())))
        return
    if remark := room.remark():
        console.print(remark, soft_wrap=True)
    print_poses(console, poses, seconds)
    print_warnings(poses)


def _checked_output(path: Path, file: FileOptions) -> Path:
    """Return the path, when poses can be written or drawn there with these options."""
    from anatomy_tf.cli.drawn_poses import DRAWINGS
    from anatomy_tf.files.paths import check_output
    from anatomy_tf.formats import POSE_FORMATS

    check_output(path, *POSE_FORMATS, *DRAWINGS)
    if path.suffix not in DRAWINGS:
        return file.check(path)
    check_unused(given(file), f"is for files of poses; {path} is a drawing")
    return path


def _check_holds_uncertainty(path: Path) -> None:
    """Raise ``AnatomyError`` for a file whose format has no place for the poses' spread."""
    from anatomy_tf.formats import POSE_FORMATS

    able = [suffix for suffix, entry in POSE_FORMATS.items() if entry.whole]
    if path.suffix not in able:
        raise AnatomyError(f"{path}: --uncertainty goes to a file that ends in {', '.join(able)}")


def _smoother(text: str, fps: float) -> Callable[[PoseSequence], PoseSequence]:
    """Return the smoother ``NAME:HZ`` for clips of a frame rate; call it before the long work."""
    from anatomy_tf.poses.smoothing import check_smoother, parse_smoother, smooth

    name, cutoff = parse_smoother(text)
    check_smoother(name, cutoff, fps)
    return lambda poses: smooth(poses, name, cutoff)


def _chosen(
    people: list[KeypointSequence], person: int | None, largest: bool
) -> list[KeypointSequence]:
    """Return the person of a number, the one who is largest in the image, or everyone."""
    if largest:
        from anatomy_tf.formats.keypoints.reading.tracking import mean_area

        return [max(people, key=lambda p: mean_area(p.keypoints))]
    return chosen_people(people, person)


def _found(
    people: list[KeypointSequence],
) -> tuple[list[KeypointSequence], list[KeypointSequence]]:
    """Return the people of whom a joint was found, and the others.

    Where nobody was found all are returned, whose lifting says so.
    """
    from anatomy_tf.sequences.gaps import NOT_FOUND

    found = [one for one in people if (one.visibility >= NOT_FOUND).any()]
    faint = [one for one in people if not (one.visibility >= NOT_FOUND).any()]
    return (found, faint) if found else (people, [])
