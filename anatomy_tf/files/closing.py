"""What is closed at the end of a ``with`` block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self


class Closing(ABC):
    """Base of classes with a ``close``, which the end of a ``with`` block calls."""

    @abstractmethod
    def close(self) -> None:
        """Free what is held; also after an error."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
