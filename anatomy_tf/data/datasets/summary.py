"""Summaries of data sets: people, clips, hours, bodies."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data.batches.store import SequenceStore


@dataclasses.dataclass(frozen=True)
class PersonSummary:
    """A summary of one person's data.

    Args:
        subject: the person.
        clips: number of different clips.
        sequences: number of views of clips, one for each camera.
        frames: frames of all sequences.
        hours: hours of all clips, each counted once.
        bone_lengths: (b,) mean over the person's valid frames, metres.
        bone_deviations: (b,) standard deviation over these frames, metres; 0 for rigid bodies.
    """

    subject: str
    clips: int
    sequences: int
    frames: int
    hours: float
    bone_lengths: NDArray[np.float64]
    bone_deviations: NDArray[np.float64]


def summarize(store: SequenceStore) -> list[PersonSummary]:
    """Return a summary for each person, in the order of names."""
    lengths = store.lengths
    people = []
    for subject in sorted(set(store.subjects)):
        own = [i for i, name in enumerate(store.subjects) if name == subject]
        frames = np.concatenate([np.arange(store.offsets[i], store.offsets[i + 1]) for i in own])
        # One count for each clip, however many cameras see it and wherever they stop.
        longest: dict[str, int] = {}
        for i in own:
            longest[store.clips[i]] = max(longest.get(store.clips[i], 0), int(lengths[i]))
        valid = frames if store.valid is None else frames[store.valid[frames]]
        bones = bone_lengths(store.positions[valid], store.skeleton)
        people.append(
            PersonSummary(
                subject=subject,
                clips=len(longest),
                sequences=len(own),
                frames=len(frames),
                hours=sum(longest.values()) / store.fps / 3600,
                bone_lengths=bones.mean(axis=0, dtype=np.float64),
                bone_deviations=bones.std(axis=0, dtype=np.float64),
            )
        )
    return people
