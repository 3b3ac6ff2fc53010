"""Settings whose fields are checked by their annotations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    NOT_EMPTY,
    ODD,
    CheckedFields,
    Count,
    Described,
    Positive,
    PositiveRange,
    Share,
    at_least,
    below,
    described,
    field_description,
)


@dataclasses.dataclass(frozen=True)
class Inner(CheckedFields):
    share: Share = 0.5


@dataclasses.dataclass(frozen=True)
class Settings(CheckedFields):
    cameras: Count = 4
    seconds: Positive | None = None
    flip: bool = True
    kind: Literal["walk", "run"] = "walk"
    rates: tuple[Positive, ...] = (25.0, 50.0)
    reach: PositiveRange = (0.5, 2.0)
    sizes: tuple[tuple[int, int], ...] = ((640, 480),)
    weights: Mapping[str, Share] = dataclasses.field(default_factory=dict)
    widths: Annotated[tuple[Annotated[Count, ODD], ...], NOT_EMPTY, Described("odd numbers")] = (3,)
    drop: Annotated[float, at_least(0), below(1)] = 0.25
    place: str | Path = "here"
    inner: Inner = dataclasses.field(default_factory=Inner)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cameras": 0}, "cameras: expected a whole number of at least 1, got 0"),
        ({"cameras": 2.0}, "cameras: expected a whole number of at least 1, got 2.0"),
        ({"cameras": True}, "cameras: expected a whole number of at least 1, got True"),
        ({"seconds": -5}, "seconds: expected a finite number above 0 or None, got -5"),
        ({"seconds": np.inf}, "seconds: expected a finite number above 0 or None, got inf"),
        ({"seconds": np.nan}, "seconds: expected a finite number above 0 or None, got nan"),
        ({"seconds": "5"}, "seconds: expected a finite number above 0 or None, got '5'"),
        ({"flip": 1}, "flip: expected true or false, got 1"),
        ({"kind": "sit"}, "kind: expected 'walk' or 'run', got 'sit'"),
        ({"kind": ["walk"]}, "kind: expected 'walk' or 'run', got ['walk']"),
        ({"rates": (25, 0)}, "rates: expected a list, each item a finite number above 0, got (25,"),
        ({"rates": "25"}, "rates: expected a list, each item a finite number above 0, got '25'"),
        (
            {"reach": (2, 1)},
            "(a finite number above 0, a finite number above 0), in rising order, got (2, 1)",
        ),
        ({"reach": (1, 2, 3)}, "reach: expected (a finite number above 0, "),
        ({"reach": 1}, "reach: expected (a finite number above 0, "),
        ({"sizes": ((640,),)}, "sizes: expected a list"),
        ({"weights": {"a": 2}}, "weights: expected a dict, each value a finite number from 0 to"),
        ({"weights": {1: 0.5}}, "weights: expected a dict"),
        ({"weights": [("a", 1)]}, "weights: expected a dict"),
        ({"widths": (3, 4)}, "widths: expected odd numbers, got (3, 4)"),
        ({"widths": ()}, "widths: expected odd numbers, got ()"),
        ({"drop": 1}, "drop: expected a finite number of at least 0 and below 1"),
        ({"place": 3}, "place: expected text or a path, got 3"),
        ({"inner": {"share": 1}}, "inner: expected Inner, got {'share': 1}"),
    ],
)
def test_a_field_of_another_type_or_range_is_named(change, expected):
    with pytest.raises(AnatomyError) as caught:
        Settings(**change)
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"Settings.{next(iter(change))}: ")


def test_large_bounds_are_written_out():
    assert described(Annotated[int, below(2**32)]) == "a whole number below 4,294,967,296"


def test_what_fits_is_kept():
    settings = Settings(cameras=1, seconds=2, drop=0, place=Path("there"), weights={"a": 1})
    assert (settings.cameras, settings.seconds, settings.drop) == (1, 2, 0)
    assert settings.place == Path("there") and settings.weights == {"a": 1}
    assert dataclasses.replace(settings, cameras=2).cameras == 2


def test_numbers_of_numpy_and_lists_become_pythons():
    settings = Settings(
        cameras=np.int64(3), seconds=np.float32(0.5), rates=[np.float64(1)], widths=np.array([5, 3])
    )
    assert type(settings.cameras) is int and type(settings.seconds) is float
    assert settings.rates == (1.0,) and settings.widths == (5, 3)
    assert Settings(widths=5).widths == (5,)


def test_a_field_can_be_described_alone():
    assert field_description(Settings, "seconds") == "a finite number above 0 or None"
