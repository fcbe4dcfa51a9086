"""What students answer for the sum of the components of the gradient of log-sum-exp."""

import numpy as np

from nabla.checks import wrong

POINT, POINTS = "test_is_right_at_single_points", "test_has_a_result_for_each_point"
LARGE = "test_is_right_for_numbers_like_1000"


@wrong(
    fails=(LARGE,),
    hint={
        "en": "The sum is harmless. What does the computer make of e to the power of 1000, and of -1000?",
        "ja": "和そのものは何でもない数です。では、e の 1000 乗や -1000 乗は計算機ではどうなりますか。",
    },
)
def exponentials_overflow(x, y):
    """Adds the two quotients as they stand: infinite over infinite for large numbers."""
    with np.errstate(all="ignore"):
        return np.exp(x) / (np.exp(x) + np.exp(y)) + np.exp(y) / (np.exp(x) + np.exp(y))


@wrong(
    fails=(POINTS,),
    hint={
        "en": "How many points did you get, and how many sums did you return?",
        "ja": "渡された点はいくつで、返した和はいくつですか。",
    },
)
def one_number_for_all_points(x, y):
    """Returns the number 1 for any number of points."""
    return 1.0


@wrong(
    fails=(POINT, POINTS, LARGE),
    hint={
        "en": "Is this the sum of the components of the gradient, or what stands inside the logarithm?",
        "ja": "これは勾配の成分の和ですか。それとも対数の中身でしょうか。",
    },
)
def sum_of_exponentials(x, y):
    """Adds e^x and e^y: the components without their denominator."""
    with np.errstate(all="ignore"):
        return np.exp(x) + np.exp(y)


@wrong(
    fails=(POINT, POINTS, LARGE),
    hint={
        "en": "If both numbers grow by 0.1, by how much does L grow: by 0.1, or by twice as much?",
        "ja": "二つの数をどちらも 0.1 増やすと、L は 0.1 増えますか、それともその 2 倍増えますか。",
    },
)
def one_for_each(x, y):
    """Counts 1 for each of the two numbers."""
    return 2.0 + 0 * x


@wrong(
    fails=(POINT, POINTS, LARGE),
    hint={
        "en": "Do the two numbers pull L in opposite directions? What sign has each partial derivative?",
        "ja": "二つの数は L を反対の向きに動かしますか。それぞれの偏微分の符号は何ですか。",
    },
)
def difference_for_sum(x, y):
    """Subtracts the components."""
    return np.tanh((x - y) / 2)
