"""Adam with AMSGrad, as the reference implementation's framework computes it."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable("anatomy_tf")
class AMSGrad(keras.optimizers.Optimizer):
    """Adam whose denominator never shrinks, epsilon added after bias correction.

    With gradient g at step n (from 1)::

        m = beta_1 m + (1 - beta_1) g
        v = beta_2 v + (1 - beta_2) g²
        v_max = max(v_max, v)
        w = w - learning_rate · m / (1 - beta_1ⁿ) / (√v_max / √(1 - beta_2ⁿ) + epsilon)

    ``keras.optimizers.Adam(amsgrad=True)`` differs in one place: it adds epsilon to √v_max before
    the correction, which matters for gradients near epsilon.

    Args:
        learning_rate: step size.
        beta_1: decay of the first moment.
        beta_2: decay of the second moment.
        epsilon: added to the bias-corrected root of the second moment.
        **options: of ``keras.optimizers.Optimizer``.

    Example:
        >>> model.compile(optimizer=AMSGrad(1e-3), loss="mse")

    References:
        Reddi, Kale, Kumar: On the Convergence of Adam and Beyond, ICLR 2018.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        name: str = "amsgrad",
        **options: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: list[Any]) -> None:
        """Make the three moments of each variable."""
        if self.built:
            return
        super().build(variables)
        self._first, self._second, self._largest = self.add_optimizer_variables(
            variables, ["first_moment", "second_moment", "largest_second_moment"]
        )

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable by one step."""
        index = self._get_variable_index(variable)
        first, second, largest = self._first[index], self._second[index], self._largest[index]
        gradient = ops.cast(gradient, variable.dtype)
        step = ops.cast(self.iterations + 1, variable.dtype)
        correction_1, correction_2 = _correction(self.beta_1, step), _correction(self.beta_2, step)

        self.assign(first, self.beta_1 * first + (1 - self.beta_1) * gradient)
        self.assign(second, self.beta_2 * second + (1 - self.beta_2) * ops.square(gradient))
        self.assign(largest, ops.maximum(largest, second))
        denominator = ops.sqrt(largest) / ops.sqrt(correction_2) + self.epsilon
        rate = ops.cast(learning_rate, variable.dtype) / correction_1
        self.assign_sub(variable, rate * first / denominator)

    def mean_square_gradient(self, variable: Any) -> NDArray[np.float64]:
        """Return the mean square of each element of a variable's gradient over the last steps.

        It is the bias-corrected second moment, an exponential mean over about 1 / (1 - beta_2)
        steps; zeros before the first step.
        """
        steps = int(ops.convert_to_numpy(self.iterations))
        second = ops.convert_to_numpy(self._second[self._get_variable_index(variable)])
        return np.asarray(second, np.float64) / (1 - self.beta_2 ** max(steps, 1))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that ``from_config`` needs."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }


def _correction(beta: float, step: Any) -> Any:
    """Return 1 - betaⁿ at step n.

    By expm1, because in float32 1 - 0.999ⁿ is wrong by 1e-5 of itself in the first steps.
    """
    return -ops.expm1(step * (math.log(beta) if beta else -math.inf))
