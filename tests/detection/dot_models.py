"""ONNX models of the forms that rtmlib runs, which find the dots of ``dotted_people``."""

from pathlib import Path

import numpy as np
from dotted_people import SIZE, colour

JOINTS = 17
MEAN, DEVIATION = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""What rtmlib's RTMPose normalises by, in the order of the picture's channels."""
BLUE_GREEN_RED = slice(None, None, -1)


def save_rtmo(path: Path) -> Path:
    """One person: (1, 1, 5) box and score, (1, 1, 17, 3) x, y, score; its picture is square."""
    import onnx
    from onnx import helper as make

    side = max(SIZE)
    constants, nodes = _masks((side, side), (0, 0, 0), (1, 1, 1), tolerance=6)
    constants |= {
        "x": np.arange(side, dtype=np.float32).reshape(1, 1, side),
        "y": np.arange(side, dtype=np.float32).reshape(1, side, 1),
        "plane": np.array([1, 2]),
        "one": np.float32(1),
        "person": np.array([1, 1, JOINTS, 1]),
        "box": np.array([[[0, 0, *SIZE]]], np.float32),
        "single": np.array([1, 1, 1]),
    }
    nodes += [
        make.make_node("ReduceSum", ["masks", "plane"], ["count"], keepdims=0),
        make.make_node("Max", ["count", "one"], ["divisor"]),
        make.make_node("Min", ["count", "one"], ["score"]),
    ]
    for axis in ("x", "y"):
        nodes += [
            make.make_node("Mul", ["masks", axis], [f"{axis}_all"]),
            make.make_node("ReduceSum", [f"{axis}_all", "plane"], [f"{axis}_sum"], keepdims=0),
            make.make_node("Div", [f"{axis}_sum", "divisor"], [f"{axis}_mean"]),
            make.make_node("Reshape", [f"{axis}_mean", "person"], [f"{axis}_at"]),
        ]
    nodes += [
        make.make_node("Reshape", ["score", "person"], ["score_at"]),
        make.make_node("Concat", ["x_at", "y_at", "score_at"], ["keypoints"], axis=3),
        make.make_node("ReduceMax", ["score"], ["seen"], keepdims=0),
        make.make_node("Reshape", ["seen", "single"], ["confidence"]),
        make.make_node("Concat", ["box", "confidence"], ["dets"], axis=2),
    ]
    outputs = {"dets": (1, 1, 5), "keypoints": (1, 1, JOINTS, 3)}
    onnx.save(_model(nodes, constants, (side, side), outputs), path)
    return path


def save_person_detector(path: Path) -> Path:
    """YOLOX with its suppression inside: (1, 1, 5), the whole picture, if there is a dot."""
    import onnx
    from onnx import helper as make

    side = max(SIZE)
    constants, nodes = _masks((side, side), (0, 0, 0), (1, 1, 1), tolerance=6)
    constants |= {"box": np.array([[[0, 0, *SIZE]]], np.float32), "single": np.array([1, 1, 1])}
    nodes += [
        make.make_node("ReduceMax", ["masks"], ["seen"], keepdims=0),
        make.make_node("Reshape", ["seen", "single"], ["confidence"]),
        make.make_node("Concat", ["box", "confidence"], ["dets"], axis=2),
    ]
    onnx.save(_model(nodes, constants, (side, side), {"dets": (1, 1, 5)}), path)
    return path


def save_rtmpose(path: Path, height: int = 128, width: int = 96) -> Path:
    """(1, 17, 2 width) and (1, 17, 2 height): how likely each place along an axis is."""
    import onnx
    from onnx import helper as make

    constants, nodes = _masks((height, width), MEAN, DEVIATION, tolerance=9)
    outputs = {}
    for axis, size, along in (("x", width, 1), ("y", height, 2)):
        constants |= {
            f"{axis}_other": np.array([along]),
            f"{axis}_twice": np.ones((1, 1, 1, 2), np.float32),
            f"{axis}_column": np.array([1, JOINTS, size, 1]),
            f"{axis}_row": np.array([1, JOINTS, 2 * size]),
        }
        nodes += [
            make.make_node("ReduceSum", ["masks", f"{axis}_other"], [f"{axis}_sum"], keepdims=0),
            make.make_node("Reshape", [f"{axis}_sum", f"{axis}_column"], [f"{axis}_high"]),
            make.make_node("Mul", [f"{axis}_high", f"{axis}_twice"], [f"{axis}_wide"]),
            make.make_node("Reshape", [f"{axis}_wide", f"{axis}_row"], [f"simcc_{axis}"]),
        ]
        outputs[f"simcc_{axis}"] = (1, JOINTS, 2 * size)
    onnx.save(_model(nodes, constants, (height, width), outputs), path)
    return path


def _masks(size, mean, deviation, tolerance):
    """Nodes that give "masks", (17, height, width): 1 where a pixel has a joint's colour."""
    from onnx import helper as make

    wanted = np.array([colour(0, joint)[BLUE_GREEN_RED] for joint in range(JOINTS)], np.float32)
    normal = np.array(mean, np.float32), np.array(deviation, np.float32)
    constants = {
        "wanted": wanted.reshape(JOINTS, 3, 1, 1),
        "mean": normal[0].reshape(1, 3, 1, 1),
        "deviation": normal[1].reshape(1, 3, 1, 1),
        "channel": np.array([1]),
        "tolerance": np.float32(tolerance),
    }
    nodes = [
        make.make_node("Mul", ["input", "deviation"], ["scaled"]),
        make.make_node("Add", ["scaled", "mean"], ["picture"]),
        make.make_node("Sub", ["picture", "wanted"], ["difference"]),
        make.make_node("Abs", ["difference"], ["distances"]),
        make.make_node("ReduceSum", ["distances", "channel"], ["distance"], keepdims=0),
        make.make_node("Less", ["distance", "tolerance"], ["same"]),
        make.make_node("Cast", ["same"], ["masks"], to=1),
    ]
    return constants, nodes


def _model(nodes, constants, size, outputs):
    from onnx import TensorProto, numpy_helper
    from onnx import helper as make

    graph = make.make_graph(
        nodes,
        "dots",
        [make.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, *size))],
        [
            make.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
