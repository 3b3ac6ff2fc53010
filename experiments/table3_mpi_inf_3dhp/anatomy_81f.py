"""Table 3, "Ours (81 frames)": MPI-INF-3DHP.

Differs from ``table1_human36m_cpn/anatomy_81f.py``: data, skeleton and 25 frames a second, at which
the data are read. The paper's 2D keypoints and scores come from AlphaPose and were not published;
``mpi_inf_3dhp/universal`` has the annotated 2D and no scores, so its errors are not comparable one
to one.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table3_mpi_inf_3dhp/anatomy_81f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import NamedData, expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table1_human36m_cpn/anatomy_81f.py")
config = dataclasses.replace(
    base,
    model=dataclasses.replace(base.model, skeleton="mpi_inf_3dhp_17", fps=25),
    data=NamedData(name="mpi_inf_3dhp/universal"),
)
expected = expected_of(__file__)
