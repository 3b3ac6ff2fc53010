"""What an exported model says of itself, as servers and clients read it."""

from anatomy_tf.skeletons import HUMAN36M_17

J = HUMAN36M_17.joint_count
DESCRIPTION = {
    "layout": HUMAN36M_17.name,
    "joint_names": list(HUMAN36M_17.joint_names),
    "parents": list(HUMAN36M_17.parents),
    "fps": 50.0,
}
