"""What the schedules of this family share: a backend computes them, from the optimizer's count of iterations."""

from lrplot.schedulers.float32 import Schedule


class KerasSchedule(Schedule, family="keras"):
    """A function of the optimizer's iterations: 0 at the first.

    Args:
        initial_learning_rate: The first rate; a whole number, 1, has Keras compute in whole numbers: write 1.0.
    """

    home = "keras.optimizers.schedules"
    on_optimizer = False
