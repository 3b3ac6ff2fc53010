"""A check of the sizes that the members of a zip archive claim, before one is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import Limit
from anatomy_tf.files.paths import file_size

SMALL = 64 << 20
"""Unpacked bytes up to which any compression is accepted."""

COMPRESSION_LIMIT = 100
"""Largest accepted compression ratio beyond ``SMALL``; motion data reach 3, deflate up to 1000."""


def check_zip_sizes(archive: zipfile.ZipFile, path: Path, most: Limit) -> None:
    """Refuse an archive that would unpack to too much, for a limit or for its own size.

    Args:
        archive: the opened archive.
        path: its file.
        most: the limit of what all members unpack to.

    Raises:
        AnatomyError: with the sizes.
    """
    total, on_disk = sum(info.file_size for info in archive.infolist()), file_size(path)
    most.check(total, path)
    if total > max(SMALL, COMPRESSION_LIMIT * on_disk):
        raise AnatomyError(
            f"{path}: refused, its {on_disk} bytes claim to hold {total} uncompressed"
        )
