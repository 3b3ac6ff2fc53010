"""VideoPose3D's parameters in this package's baseline.

Only names and array layouts are known here; no code of that implementation is used. Its repository
is under a licence that forbids commercial use (CC BY-NC): what may be done with its checkpoints is
between the user and their authors.
"""

from __future__ import annotations

from collections.abc import Mapping

from anatomy_tf.errors import AnatomyError
from anatomy_tf.models import VideoPose
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.weights.parameters import (
    Array,
    Table,
    assign,
    block_units,
    convolution_unit,
    dense_pair,
    widths_and_channels,
)


def variables(model: VideoPose) -> Table:
    """Return the variable of ``model`` and the layout change for each parameter name.

    Raises:
        AnatomyError: for a model with joint shifts, which VideoPose3D lacks.
    """
    if model.config.joint_shift:
        raise AnatomyError("VideoPose3D's network has no joint shifts, the model has")
    count = len(model.config.filter_widths) - 1
    return {
        **convolution_unit("expand_conv", "expand_bn", model.get_layer("stem")),
        **block_units([model.get_layer(f"block_{i + 1}") for i in range(count)]),
        **dense_pair("shrink", model.get_layer("positions_dense")),
    }


def load_state(model: VideoPose, state: Mapping[str, Array]) -> None:
    """Load VideoPose3D's parameters.

    Args:
        model: the baseline, of the same widths and channels.
        state: its parameter names, with or without ``module.`` before them, to arrays.

    Raises:
        AnatomyError: naming all parameters that are missing, unexpected, misshapen or not finite;
            the model is then unchanged.
    """
    assign(variables(model), state)


def build(state: Mapping[str, Array], *, causal: bool = False) -> VideoPose:
    """Return the baseline with a state loaded; widths and channels come from the arrays.

    The arrays do not show which 17 keypoints a network was trained on. Human3.6M's are assumed, as
    in the ``cpn_ft_h36m_dbb`` checkpoints, which is wrong for networks trained on COCO's.

    Args:
        state: see ``load_state``.
        causal: whether it was trained causally; the arrays do not show it.

    Raises:
        AnatomyError: when the arrays are not those of such a network.
    """
    widths, channels = widths_and_channels(state, HUMAN36M_17.joint_count)
    model = VideoPose(filter_widths=widths, channels=channels, causal=causal)
    load_state(model, state)
    return model
