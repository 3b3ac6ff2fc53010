"""Contact sheets, animations and a self-contained HTML viewer of keypoints and poses.

Importing this room needs neither matplotlib nor imageio; drawing does, and says what to install.
"""

from anatomy_tf.visualization.animation import animate
from anatomy_tf.visualization.sheet import contact_sheet
from anatomy_tf.visualization.viewer import write_viewer

__all__ = ["animate", "contact_sheet", "write_viewer"]
