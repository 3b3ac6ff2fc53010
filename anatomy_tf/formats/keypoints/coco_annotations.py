"""COCO's annotation files of keypoints, as CVAT, COCO Annotator and data sets have them.

One object: ``images`` with ``id``, ``file_name``, ``width`` and ``height``; ``annotations`` with
``image_id``, ``category_id`` and ``keypoints`` [x0, y0, flag0, x1, ...] in pixels, flags 0 (not
labelled), 1 and 2; ``categories`` with the names of the ``keypoints`` (cocodataset.org, Data
Format). An image's frame number is in its ``file_name``. A person's identity may be in a
``track_id``, in CVAT's files among the ``attributes``.
"""

from __future__ import annotations

from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.numbered_names import numbers_of_names
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import BODIES, Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.point_lists import person_points, stated_track
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import one_size, stated_rate
from anatomy_tf.skeletons import Skeleton


def marks(content: Content) -> Marks:
    """Return whether a file lists images, and whether annotations with keypoints."""
    frames: JsonFrames = content.value
    listed = frames.content if isinstance(frames.content, dict) else {}
    annotations = listed.get("annotations")
    listing = annotations if isinstance(annotations, list) else []
    return {
        '"images"': isinstance(listed.get("images"), list),
        '"annotations"': isinstance(annotations, list),
        '"keypoints" of annotations': any(
            isinstance(a, dict) and "keypoints" in a for a in listing
        ),
    }


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the detections of each image; an image without annotations has nobody."""
    path, frames = content.path, content.value
    images = _objects(frames.content, "images", content)
    numbers = _numbers(images, content)
    found: dict[int, list[Detection]] = {number: [] for number in numbers.values()}
    names: set[tuple[str, ...]] = set()
    categories = _keypoint_names(frames.content)
    for index, entry in enumerate(_objects(frames.content, "annotations", content)):
        where = f"{path}: annotation {index}"
        image = entry.get("image_id")
        if not isinstance(image, int | str) or image not in numbers:
            raise AnatomyError(f"{where}: expected the image_id of an image, got {shown(image)}")
        if "keypoints" not in entry:
            # Such as a box alone.
            continue
        points = person_points(entry["keypoints"], f"{where}: keypoints", given=given)
        names.add(categories.get(_key(entry.get("category_id")), ()))
        track = stated_track(entry, where)
        found[numbers[image]].append(Detection(points, f"annotation {index}", track))
    if len(names) > 1:
        raise AnatomyError(f"{path}: expected people of one category")
    named = next(iter(names), ())
    return Recording(
        found,
        candidates=BODIES,
        names=named or None,
        fps=stated_rate(frames.content.get("info")),
        image_size=one_size(images, path),
    )


def _objects(whole: Any, key: str, content: Content) -> list[dict[str, Any]]:
    listed = whole.get(key) if isinstance(whole, dict) else None
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise AnatomyError(f'{content.path}: expected a list "{key}" of objects')
    return listed


def _numbers(images: list[dict[str, Any]], content: Content) -> dict[int | str, int]:
    """Return the frame number of each image's identifier."""
    names = {}
    for index, image in enumerate(images):
        identifier, name = image.get("id"), image.get("file_name")
        if not isinstance(identifier, int | str) or not isinstance(name, str):
            raise AnatomyError(f"{content.path}: image {index}: expected id and file_name")
        names[identifier] = name
    numbers = numbers_of_names(names.values(), content.path) if names else {}
    return {identifier: numbers[name] for identifier, name in names.items()}


def _keypoint_names(whole: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the names of each category's keypoints by the category's identifier."""
    categories = whole.get("categories")
    found = {}
    for category in categories if isinstance(categories, list) else ():
        names = category.get("keypoints") if isinstance(category, dict) else None
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            found[_key(category.get("id"))] = tuple(names)
    return found


def _key(identifier: Any) -> str:
    """Return an identifier as text: files have 1 in one place and "1" in another."""
    return shown(identifier).strip("'")


READER = Reader("json", marks, parse)
