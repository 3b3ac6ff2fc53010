"""The protocols by name, and the choice of a data set's protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.comparison import compare, shared_notes
from anatomy_tf.evaluation.human36m import evaluate_human36m
from anatomy_tf.evaluation.mpi_inf_3dhp import VARIANTS, Mpi3dhpReport, evaluate_mpi_inf_3dhp
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.sequence_evaluation import evaluate_store
from anatomy_tf.evaluation.table import ScoreTable

if TYPE_CHECKING:
    from anatomy_tf.data.batches.store import SequenceStore

AnyReport = Report | Mpi3dhpReport
Evaluate = Callable[[Sequence[ArrayLike], "SequenceStore", Mapping[str, Any]], AnyReport]
"""(predictions, store, conditions) to the report."""

AUTO = "auto"
PLAIN = "plain"
HUMAN36M = "human36m"
MPI_INF_3DHP = "mpi_inf_3dhp"
PROTOCOLS = (PLAIN, HUMAN36M, MPI_INF_3DHP)
"""The last two are also the names of their data sets."""

ANNOTATION = {"measured": "annot3"}
"""Variant of the data set ``mpi_inf_3dhp`` to its 3D annotation, if not the official one."""


def chosen_protocol(protocol: str, data_name: str = "", variant: str | None = None) -> str:
    """Return the named protocol, or for ``auto`` the one of the data set.

    Args:
        protocol: ``"auto"`` or one of ``PROTOCOLS``.
        data_name: name of the data set, such as ``"human36m/cpn"``; empty for data without a name.
        variant: variant of MPI-INF-3DHP's protocol; ``None`` for the official one.

    Raises:
        AnatomyError: for an unknown protocol, or a variant that it does not have.
    """
    if protocol not in (AUTO, *PROTOCOLS):
        raise AnatomyError(
            f"unknown protocol {protocol!r}; known are {', '.join((AUTO, *PROTOCOLS))}"
        )
    family = data_name.partition("/")[0]
    chosen = protocol
    if protocol == AUTO:
        chosen = family if family in PROTOCOLS else PLAIN
    known = VARIANTS if chosen == MPI_INF_3DHP else ()
    if variant is not None and variant not in known:
        raise AnatomyError(
            f"protocol {chosen}: unknown variant {variant!r}; "
            f"known are {', '.join(known) or 'none'}"
        )
    return chosen


def evaluation(protocol: str, data_name: str = "", variant: str | None = None) -> Evaluate:
    """Return the function that scores predictions by a protocol.

    Arguments and errors are those of ``chosen_protocol``. Data without some of the protocol's
    people or actions are scored all the same; the report says what is missing.
    """
    chosen = chosen_protocol(protocol, data_name, variant)
    if chosen == PLAIN:
        return evaluate_store
    if chosen == HUMAN36M:
        return lambda predictions, store, conditions: evaluate_human36m(
            predictions, store, conditions, partial=True
        )
    family, _, data_variant = data_name.partition("/")
    annotation = ANNOTATION.get(data_variant if family == MPI_INF_3DHP else "", "univ_annot3")
    return lambda predictions, store, conditions: evaluate_mpi_inf_3dhp(
        predictions, store, conditions, variant=variant or "official", annotation=annotation
    )


def read_report(text: str) -> AnyReport:
    """Return the report whose ``to_json`` wrote the text.

    Raises:
        AnatomyError: when the text is no report.
    """
    kind = Mpi3dhpReport if '"protocol": "MPI-INF-3DHP"' in text else Report
    return kind.from_json(text)


def compared(reports: Mapping[str, AnyReport]) -> ScoreTable:
    """Return a table with one row for each model.

    Raises:
        AnatomyError: when there is no report, or they are not of one protocol and variant.
    """
    plain = {name: report for name, report in reports.items() if isinstance(report, Report)}
    if len(plain) == len(reports):
        return compare(plain)
    official = {name: own for name, own in reports.items() if isinstance(own, Mpi3dhpReport)}
    protocols = [f"MPI-INF-3DHP {report.variant.name}" for report in official.values()]
    protocols += ["Report"] * len(plain)
    if len(set(protocols)) > 1:
        raise AnatomyError(
            f"expected reports of one protocol, got {', '.join(dict.fromkeys(protocols))}"
        )
    first = next(iter(official.values()))
    _, *rules = first.table().notes
    return ScoreTable(
        "MPI-INF-3DHP, total",
        {"model": {name: report.total for name, report in official.items()}},
        (*shared_notes(official), *rules),
        first.variant.measures,
    )
