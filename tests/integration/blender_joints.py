"""Run by Blender: imports files as its menus do and writes where each bone begins in each frame.

    blender --background --factory-startup --python blender_joints.py -- OUT.json FPS FRAMES FILE...

or with a Python that has bpy: ``python blender_joints.py -- OUT.json FPS FRAMES FILE...``. Needs no
anatomy_tf.
"""

import json
import pathlib
import sys

import bpy


def armature(path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if path.endswith(".bvh"):
        bpy.ops.import_anim.bvh(filepath=path, update_scene_fps=True, update_scene_duration=True)
    else:
        bpy.ops.import_scene.gltf(filepath=path)
    return next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")


def heads(path, fps, frames):
    """Name to a list of places, Blender's metres with z up."""
    figure = armature(path)
    scene = bpy.context.scene
    if not path.endswith(".bvh"):
        # The animation was imported at the scene's rate, which is 24.
        fps, first = scene.render.fps / scene.render.fps_base / fps, 0
    else:
        fps, first = 1, 1
    found = {bone.name: [] for bone in figure.pose.bones}
    for frame in range(frames):
        at = first + frame * fps
        scene.frame_set(int(at), subframe=at - int(at))
        for bone in figure.pose.bones:
            found[bone.name].append(list(figure.matrix_world @ bone.head))
    return found


out, fps, frames, *files = sys.argv[sys.argv.index("--") + 1 :]
found = {path: heads(path, float(fps), int(frames)) for path in files}
pathlib.Path(out).write_text(json.dumps(found))
