"""Contact sheets, animations, curves of angles and a self-contained HTML viewer.

Importing this room needs neither matplotlib nor imageio; drawing does, and says what to install.
"""

from anatomy_tf.visualization.angle_curves import plot_angles
from anatomy_tf.visualization.animation import animate
from anatomy_tf.visualization.sheet import contact_sheet
from anatomy_tf.visualization.viewer.viewer import write_viewer

__all__ = ["animate", "contact_sheet", "plot_angles", "write_viewer"]
