"""One scene as each detector would write it: two people in six frames of 640 x 480 pixels."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.formats.keypoints.sports2d import NAMES
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, COCO_18, HALPE_26, Skeleton

WIDTH, HEIGHT, FRAMES = 640, 480, 6
STATED: dict[str, Any] = {"fps": 25, "image_size": (WIDTH, HEIGHT)}
GONE = 3
"""The frame in which the second person is not seen."""


def scene(layout: Skeleton, person: int) -> np.ndarray:
    """(6, J, 3) x, y, score; the first person's joint 2 is missing in frame 1."""
    joints = np.arange(layout.joint_count)
    values = np.empty((FRAMES, layout.joint_count, 3))
    for frame in range(FRAMES):
        values[frame, :, 0] = 100 + 300 * person + 3 * joints + 2 * frame
        values[frame, :, 1] = 50 + 7 * joints + person
        values[frame, :, 2] = 0.5 + 0.25 * person
    if person == 0:
        values[1, 2] = 0
    return values


def expected(layout: Skeleton, person: int) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (6, J, 2) with gaps and visibility (6, J) of the scene."""
    values = scene(layout, person)
    missing = values[..., 2] == 0
    if person == 1:
        missing[GONE] = True
    return (
        np.where(missing[..., None], np.nan, values[..., :2]),
        np.where(missing, 0, values[..., 2]),
    )


def detections(layout: Skeleton) -> Iterator[tuple[int, int, np.ndarray]]:
    """(frame, person, (J, 3)) in the detector's order, which changes."""
    for frame in range(FRAMES):
        for person in (0, 1) if frame % 2 else (1, 0):
            if (frame, person) != (GONE, 1):
                yield frame, person, scene(layout, person)[frame]


def alphapose(path: Path, layout: Skeleton = HALPE_26) -> Path:
    entries = [
        {
            "image_id": f"{frame}.jpg",
            "category_id": 1,
            "keypoints": values.ravel().tolist(),
            "score": 2.7,
            "box": [1, 2, 3, 4],
            "idx": [float(person + 3)],
        }
        for frame, person, values in detections(layout)
    ]
    path.write_text(json.dumps(entries))
    return path


def coco(path: Path) -> Path:
    entries = [
        {
            "image_id": 70 + frame,
            "category_id": 1,
            "keypoints": values.ravel().tolist(),
            "score": 0.9,
        }
        for frame, _, values in detections(COCO_17)
    ]
    path.write_text(json.dumps(entries))
    return path


def _instances() -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = [{"frame_id": t, "instances": []} for t in range(FRAMES)]
    for frame, _, values in detections(COCO_17):
        found = {
            "keypoints": values[:, :2].tolist(),
            "keypoint_scores": values[:, 2].tolist(),
            "bbox": [[1.0, 2.0, 3.0, 4.0]],
            "bbox_score": 0.9,
        }
        frames[frame]["instances"].append(found)
    return frames


def mmpose(path: Path) -> Path:
    path.write_text(json.dumps(_instances(), indent="  "))
    return path


def mmpose_demo(path: Path) -> Path:
    frames = [{**frame, "frame_id": frame["frame_id"] + 1} for frame in _instances()]
    content = {"meta_info": {"dataset_name": "coco"}, "instance_info": frames}
    path.write_text(json.dumps(content, indent="\t"))
    return path


def mediapipe(path: Path) -> Path:
    frames: list[dict[str, Any]] = [{"landmarks": []} for _ in range(FRAMES)]
    for frame, _, values in detections(BLAZEPOSE_33):
        found = [
            {"x": x / WIDTH, "y": y / HEIGHT, "z": -0.1, "visibility": score}
            for x, y, score in values
        ]
        frames[frame]["landmarks"].append(found)
    path.write_text(json.dumps(frames))
    return path


def ultralytics(path: Path) -> Path:
    frames: list[list[dict[str, Any]]] = [[] for _ in range(FRAMES)]
    for frame, person, values in detections(COCO_17):
        x, y, visible = values.T.tolist()
        found = {
            "name": "person",
            "class": 0,
            "confidence": 0.9,
            "box": {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0},
            "track_id": person + 3,
            "keypoints": {"x": x, "y": y, "visible": visible},
        }
        frames[frame].append(found)
    path.write_text(json.dumps(frames))
    return path


def ultralytics_text(path: Path, tail: Callable[[int], list[float]] | None = None) -> Path:
    path.mkdir()
    tail = tail or (lambda person: [0.9, person + 3])
    for frame, person, values in detections(COCO_17):
        shares = values / (WIDTH, HEIGHT, 1)
        row = [0, 0.5, 0.5, 0.1, 0.1, *shares.ravel(), *tail(person)]
        with (path / f"clip_{frame + 1}.txt").open("a") as file:
            file.write(" ".join(f"{value:.9g}" for value in row) + "\n")
    return path


def _cells(values: np.ndarray) -> list[str]:
    return ["" if value == 0 else f"{value:.9g}" for value in values]


def deeplabcut(path: Path) -> Path:
    names = [name for name in COCO_17.joint_names for _ in range(3)]
    people = [p for p in ("first", "second") for _ in names]
    rows = [
        ["scorer"] + ["DLC_resnet50"] * 2 * len(names),
        ["individuals", *people],
        ["bodyparts", *names, *names],
        ["coords"] + ["x", "y", "likelihood"] * 34,
    ]
    for frame in range(FRAMES):
        cells = [_cells(scene(COCO_17, p)[frame].ravel()) for p in (0, 1)]
        if frame == GONE:
            cells[1] = [""] * 51
        rows.append([str(frame), *cells[0], *cells[1]])
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return path


def sleap(path: Path) -> Path:
    names = [name.replace("_", " ") for name in COCO_17.joint_names]
    columns = [f"{name}.{part}" for name in names for part in ("x", "y", "score")]
    rows = [["track", "frame_idx", "instance.score", *columns]]
    for frame, person, values in detections(COCO_17):
        rows.append([f"track_{person}", str(frame), "0.9", *_cells(values.ravel())])
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return path


def our_csv(path: Path) -> Path:
    parts = ("x", "y", "visibility")
    columns = [f"{name}_{part}" for name in COCO_17.joint_names for part in parts]
    rows = [["person", "frame", *columns]]
    for frame, person, values in detections(COCO_17):
        rows.append([f"p{person}", str(frame), *_cells(values.ravel())])
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return path


def landmark_table(path: Path) -> Path:
    """A line a landmark, as tutorials write MediaPipe's."""
    rows = [["frame", "person", "landmark", "x", "y", "z", "visibility"]]
    for frame, person, values in detections(BLAZEPOSE_33):
        for name, (x, y, score) in zip(BLAZEPOSE_33.joint_names, values, strict=True):
            place = _cells(np.array((x / WIDTH, y / HEIGHT, -0.3)))
            rows.append([str(frame), f"p{person}", name.upper(), *place, f"{score:.9g}"])
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return path


def listed_points(path: Path) -> Path:
    """A column of lists in a table, as pandas writes it."""
    rows = ["frame,track_id,keypoints"]
    for frame, person, values in detections(HALPE_26):
        rows.append(f'{frame},p{person},"{values.tolist()}"')
    path.write_text("\n".join(rows) + "\n")
    return path


def json_table(path: Path) -> Path:
    """A table in JSON, a list for each column."""
    lines = [line.split(",") for line in our_csv(path).read_text().splitlines()]
    titles, *rows = lines
    cells = [
        [float(cell) if cell and i else cell or None for i, cell in enumerate(r)] for r in rows
    ]
    path.write_text(json.dumps(dict(zip(titles, zip(*cells, strict=True), strict=True))))
    return path


def our_json(path: Path) -> Path:
    people = []
    for person in (0, 1):
        keypoints, visibility = expected(COCO_17, person)
        holes = np.where(np.isnan(keypoints), None, keypoints.astype(object)).tolist()
        people.append({"person": "x", "keypoints": holes, "visibility": visibility.tolist()})
    content = {"format": "anatomy_tf keypoints", "skeleton": "coco_17", "people": people}
    path.write_text(json.dumps(content))
    return path


def video_pose3d(path: Path) -> Path:
    clips = [expected(COCO_17, person)[0].astype(np.float32) for person in (0, 1)]
    metadata = {"layout_name": "coco", "num_joints": 17, "keypoints_symmetry": [[1], [2]]}
    with path.open("wb") as file:
        np.savez_compressed(file, positions_2d={"S1": {"Walk 1": clips}}, metadata=metadata)
    return path


def _frames(layout: Skeleton = COCO_17) -> list[list[np.ndarray]]:
    """The people of each frame, (J, 3), in the detector's order."""
    frames: list[list[np.ndarray]] = [[] for _ in range(FRAMES)]
    for frame, _, values in detections(layout):
        frames[frame].append(values)
    return frames


def rtmlib_objects(path: Path) -> Path:
    """Frames with one or two people."""
    keypoints, scores = np.empty(FRAMES, object), np.empty(FRAMES, object)
    for number, people in enumerate(_frames()):
        keypoints[number] = np.stack(people)[..., :2]
        scores[number] = np.stack(people)[..., 2]
    with path.open("wb") as file:
        np.savez(file, keypoints=keypoints, scores=scores)
    return path


def rtmlib_json(path: Path) -> Path:
    frames = [
        {
            "frame": number,
            "keypoints": [person[:, :2].tolist() for person in people],
            "scores": [person[:, 2].tolist() for person in people],
        }
        for number, people in enumerate(_frames())
    ]
    path.write_text(json.dumps(frames))
    return path


def rtmlib_pairs(path: Path) -> Path:
    frames = [
        [
            [person[:, :2].tolist() for person in people],
            [person[:, 2].tolist() for person in people],
        ]
        for people in _frames()
    ]
    path.write_text(json.dumps(frames))
    return path


def vitpose(path: Path) -> Path:
    frames: list[list[dict[str, Any]]] = []
    for people in _frames():
        frames.append([])
        for person in people:
            # As with a threshold.
            labels = np.flatnonzero(person[:, 2])
            found = {
                "keypoints": person[labels, :2].tolist(),
                "scores": person[labels, 2].tolist(),
                "labels": labels.tolist(),
                "bbox": [1.0, 2.0, 3.0, 4.0],
            }
            frames[-1].append(found)
    path.write_text(json.dumps(frames))
    return path


def detectron2(path: Path) -> Path:
    """Lists by class of which the last is people's, empty where nobody is seen."""
    frames = np.empty((FRAMES, 2), object)
    for number, people in enumerate(_frames()):
        rows = [np.insert(person.T, 2, 5.0, axis=0) for person in people]
        frames[number, 0], frames[number, 1] = [], np.array(rows, np.float32)
    boxes = np.empty((FRAMES, 2), object)
    with path.open("wb") as file:
        np.savez_compressed(
            file, boxes=boxes, segments=boxes, keypoints=frames, metadata={"w": None, "h": None}
        )
    return path


def openpose(path: Path) -> Path:
    path.mkdir()
    for number, people in enumerate(_frames(HALPE_26)):
        listed = [
            {"person_id": [-1], "pose_keypoints_2d": person.ravel().tolist()} for person in people
        ]
        (path / f"clip_{number:012d}_keypoints.json").write_text(json.dumps({"people": listed}))
    return path


def named_points(path: Path) -> Path:
    """TensorFlow.js: points with names."""
    frames = [
        [
            {
                "keypoints": [
                    {"y": y, "x": x, "score": score, "name": name}
                    for name, (x, y, score) in zip(
                        COCO_17.joint_names, person.tolist(), strict=True
                    )
                ],
                "score": 0.9,
            }
            for person in people
        ]
        for people in _frames()
    ]
    path.write_text(json.dumps(frames))
    return path


def nested_lists(path: Path) -> Path:
    path.write_text(json.dumps([[p.tolist() for p in people] for people in _frames(HALPE_26)]))
    return path


def canvas(path: Path) -> Path:
    """Editors of ControlNet: a list of OpenPose's frames."""
    frames: list[dict[str, Any]] = [{"people": []} for _ in range(FRAMES)]
    for frame, _, values in detections(COCO_18):
        frames[frame]["people"].append({"pose_keypoints_2d": values.ravel().tolist()})
    path.write_text(json.dumps(frames))
    return path


def mmpose_images(path: Path) -> Path:
    path.mkdir()
    for frame in _instances():
        name = f"{frame['frame_id']:06d}.json"
        (path / name).write_text(json.dumps(frame["instances"]))
    return path


def coco_annotations(path: Path) -> Path:
    """CVAT's, with names of keypoints and tracks; flags instead of scores."""
    images = [{"id": 10 + t, "file_name": f"take2/frame_{t:06d}.PNG"} for t in range(FRAMES)]
    annotations = [
        {
            "id": 7 * frame + person,
            "image_id": 10 + frame,
            "category_id": 1,
            "keypoints": (values * (1, 1, 0) + (values[:, 2:] > 0) * (0, 0, 2)).ravel().tolist(),
            "attributes": {"occluded": False, "track_id": person + 3},
        }
        for frame, person, values in detections(COCO_17)
    ]
    category = {"id": 1, "name": "person", "keypoints": list(COCO_17.joint_names)}
    content = {"images": images, "annotations": annotations, "categories": [category]}
    path.write_text(json.dumps(content))
    return path


def tracked_people(path: Path) -> Path:
    """People by name, frames by number."""
    people: dict[str, Any] = {"3": {}, "4": {}}
    for frame, person, values in detections(COCO_17):
        found = {"keypoints": values.ravel().tolist(), "scores": None}
        people[str(person + 3)][f"{frame:04d}"] = found
    path.write_text(json.dumps(people))
    return path


def poseflow(path: Path) -> Path:
    """Lists of detections by image."""
    images: dict[str, list[Any]] = {f"{frame}.jpg": [] for frame in range(FRAMES)}
    for frame, person, values in detections(COCO_17):
        found = {"keypoints": values.ravel().tolist(), "scores": 2.9, "idx": person + 3}
        images[f"{frame}.jpg"].append(found)
    path.write_text(json.dumps(images))
    return path


def mediapipe_flat(path: Path) -> Path:
    """One person, without the list of people."""
    frames = []
    for frame, values in enumerate(scene(BLAZEPOSE_33, 0)):
        marks = [
            {"x": x / WIDTH, "y": y / HEIGHT, "z": 0.0, "visibility": score}
            for x, y, score in values
        ]
        frames.append({"frame": frame, "landmarks": marks})
    path.write_text(json.dumps(frames))
    return path


def ultralytics_texts(path: Path) -> Path:
    """Of ``result.to_json()``."""
    path.write_text(json.dumps([json.dumps(f) for f in json.loads(ultralytics(path).read_text())]))
    return path


def json_lines(path: Path) -> Path:
    path.write_text("".join(json.dumps(frame) + "\n" for frame in _instances()))
    return path


def semicolons(path: Path) -> Path:
    """As a spreadsheet saves our CSV in much of Europe."""
    text = our_csv(path).read_text().replace(",", ";").replace(".", ",").replace("\n", "\r\n")
    path.write_text(text, encoding="utf-8-sig", newline="")
    return path


def sports2d(path: Path) -> Path:
    """One person, with empty cells where a joint was not found."""
    keypoints, _ = expected(HALPE_26, 0)
    own = {new: old for old, new in NAMES.items()}
    names = [own.get(name, name) for name in HALPE_26.joint_names]
    rows = [
        ["PathFileType", "4", "(X/Y/Z)", "clip_px_person00.trc"],
        ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate"],
        ["25", "25", str(FRAMES), "26", "m", "25"],
        ["Frame#", "Time", *(cell for name in names for cell in (name, "", ""))],
        ["", "", *(f"{axis}{joint}" for joint in range(1, 27) for axis in "XYZ")],
    ]
    for frame, points in enumerate(keypoints):
        cells = [("", "") if np.isnan(x) else (f"{x}", f"{y}") for x, y in points]
        rows.append([str(frame), f"{frame / 25}", *(c for x, y in cells for c in (x, y, "0.0"))])
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    return path


SAMPLES: dict[str, tuple[str, Callable[[Path], Path], Skeleton]] = {
    "alphapose": ("alphapose", alphapose, HALPE_26),
    "coco": ("coco", coco, COCO_17),
    "mmpose": ("mmpose", mmpose, COCO_17),
    "mmpose demo": ("mmpose", mmpose_demo, COCO_17),
    "mediapipe": ("mediapipe", mediapipe, BLAZEPOSE_33),
    "ultralytics": ("ultralytics", ultralytics, COCO_17),
    "ultralytics text": ("ultralytics_text", ultralytics_text, COCO_17),
    "deeplabcut": ("deeplabcut", deeplabcut, COCO_17),
    "sleap": ("sleap", sleap, COCO_17),
    "csv": ("csv", our_csv, COCO_17),
    "landmark table": ("landmark_table", landmark_table, BLAZEPOSE_33),
    "column of lists": ("listed_points", listed_points, HALPE_26),
    "json table": ("csv", json_table, COCO_17),
    "json": ("json", our_json, COCO_17),
    "rtmlib objects": ("rtmlib", rtmlib_objects, COCO_17),
    "rtmlib json": ("rtmlib", rtmlib_json, COCO_17),
    "rtmlib pairs": ("rtmlib", rtmlib_pairs, COCO_17),
    "vitpose": ("vitpose", vitpose, COCO_17),
    "video_pose3d": ("video_pose3d", video_pose3d, COCO_17),
    "detectron2": ("detectron2", detectron2, COCO_17),
    "openpose": ("openpose", openpose, HALPE_26),
    "named points": ("named_points", named_points, COCO_17),
    "nested lists": ("numpy", nested_lists, HALPE_26),
    "canvas": ("openpose", canvas, COCO_18),
    "mmpose images": ("mmpose", mmpose_images, COCO_17),
    "coco annotations": ("coco_annotations", coco_annotations, COCO_17),
    "tracked people": ("alphapose", tracked_people, COCO_17),
    "poseflow": ("alphapose", poseflow, COCO_17),
    "mediapipe flat": ("mediapipe", mediapipe_flat, BLAZEPOSE_33),
    "ultralytics texts": ("ultralytics", ultralytics_texts, COCO_17),
    "json lines": ("mmpose", json_lines, COCO_17),
    "semicolons": ("csv", semicolons, COCO_17),
    "sports2d": ("sports2d", sports2d, HALPE_26),
}
"""Name in the registry, writer and layout of each sample."""


def sequences() -> list[KeypointSequence]:
    """The scene as the package holds it."""
    found = []
    for person in (0, 1):
        keypoints, visibility = expected(COCO_17, person)
        found.append(
            KeypointSequence(keypoints, visibility, COCO_17, 25, WIDTH, HEIGHT, f"p{person}")
        )
    return found
