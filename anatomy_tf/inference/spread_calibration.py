"""Calibration of the spread of estimates against their distance from the truth."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.files.limits import CONFIG_BYTES

Array = NDArray[np.float32]

WITHIN = 0.68
"""Share of the joints that are no farther off than the calibrated spread, as for one standard
deviation of a normal distribution."""

GROUPS = 10


@dataclasses.dataclass(frozen=True)
class SpreadCalibration:
    """A curve from the spread of estimates (``ClipLifter.spread``) to the distance from the truth.

    The spread alone is several times smaller than the error, because estimates share errors.
    A curve measured on people whom the model was not trained on shows the error's size.

    Args:
        spreads: metres, ascending.
        errors: metres, one for each, not descending: ``within`` of the joints with such a spread
            are no farther from the truth.
        within: a share between 0 and 1.

    Raises:
        AnatomyError: for anything else.
    """

    spreads: tuple[float, ...]
    errors: tuple[float, ...]
    within: float = WITHIN

    def __post_init__(self) -> None:
        spreads, errors = (np.asarray(v, float) for v in (self.spreads, self.errors))
        if not (spreads.ndim == 1 and spreads.size and spreads.shape == errors.shape):
            raise AnatomyError(
                f"spread calibration: expected as many errors as spreads, at least one, got "
                f"{errors.shape} and {spreads.shape}"
            )
        rising = np.all(np.diff(spreads) > 0) and np.all(np.diff(errors) >= 0)
        if not (rising and spreads[0] >= 0 and errors[0] >= 0 and np.isfinite(errors[-1])):
            raise AnatomyError(
                "spread calibration: expected finite, ascending spreads and errors from 0 on"
            )
        if not 0 < self.within < 1:
            raise AnatomyError(
                f"spread calibration: expected a share between 0 and 1, got {self.within}"
            )

    def __call__(self, spread: Array) -> Array:
        """Return spreads, metres, of any shape as distances, metres.

        Outside the measured range the nearest measured value is returned. Where estimates cannot
        differ, as at the root, the spread stays 0.
        """
        found = np.where(spread == 0, 0.0, np.interp(spread, self.spreads, self.errors))
        return found.astype(np.float32)

    @classmethod
    def measured(
        cls, spreads: NDArray[np.floating], errors: NDArray[np.floating], within: float = WITHIN
    ) -> SpreadCalibration:
        """Return the curve fitted to measured pairs.

        Args:
            spreads: metres, of any shape.
            errors: metres, of the same shape.
            within: share of the errors to be no larger than the curve.

        Raises:
            AnatomyError: when there is no pair.
        """
        spreads, errors = (np.asarray(v, float).ravel() for v in (spreads, errors))
        if not spreads.size:
            raise AnatomyError("spread calibration: nothing was measured")
        order = np.argsort(spreads, kind="stable")
        groups = [g for g in np.array_split(order, GROUPS) if g.size]
        middles = [float(np.median(spreads[group])) for group in groups]
        bounds = np.maximum.accumulate([np.quantile(errors[group], within) for group in groups])
        # Equal spreads can fill several groups.
        curve = dict(zip(middles, bounds.tolist(), strict=True))
        return cls(tuple(curve), tuple(curve.values()), within)

    def save(self, path: str | Path) -> None:
        """Write the curve as JSON.

        Raises:
            AnatomyError: when it cannot be written.
        """
        with atomic_file(Path(path)) as file:
            file.write((json.dumps(dataclasses.asdict(self), indent=1) + "\n").encode())

    @classmethod
    def load(cls, path: str | Path) -> SpreadCalibration:
        """Read a file that ``save`` wrote.

        Raises:
            AnatomyError: when the file is missing or is something else.
        """
        path = Path(path)
        data = read_json(path, most=CONFIG_BYTES)
        keys = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(data, dict) or set(data) != keys:
            raise AnatomyError(f"{path}: not a spread calibration: expected {', '.join(keys)}")
        spreads, errors = (
            number_array(data[key], (None,), f"{path}: {key}") for key in ("spreads", "errors")
        )
        (within,) = number_array([data["within"]], (1,), f"{path}: within").tolist()
        try:
            return cls(tuple(spreads.tolist()), tuple(errors.tolist()), within)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None


def calibration_path(model: Path) -> Path:
    """Return the path of the ``SpreadCalibration`` beside a model's file."""
    return model.with_name(f"{model.stem}.calibration.json")
