"""What students answer for the gradient of the square of a sum."""

import numpy as np

from nabla.checks import wrong

SIZES, CANCEL = "test_is_right_for_several_sizes", "test_is_right_where_entries_cancel"


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "Of which function is this the gradient: of the square of the sum, or of the sum of the squares?",
        "ja": "これはどちらの関数の勾配ですか。和の二乗ですか、それとも二乗の和ですか。",
    },
)
def sum_of_squares(x):
    """Uses one dummy index for both sums: 2x."""
    return 2 * x


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "The sum is squared. What does the square give by the chain rule?",
        "ja": "和は二乗されています。連鎖律を使うと、二乗からは何が出てきますか。",
    },
)
def forgets_the_two(x):
    """Has the sum in every entry, without the factor 2."""
    return np.full_like(x, np.sum(x))


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "How many entries of x can move, and how many numbers do you return? What is the shape of a gradient?",
        "ja": "x の成分のうち動かせるものはいくつですか。返している数はいくつですか。勾配はどのような形でしたか。",
    },
)
def one_number(x):
    """Returns 2 times the sum, once."""
    return float(2 * np.sum(x))


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "What is the derivative of x_1 + ... + x_n by x_k? Does x_k still stand in it?",
        "ja": "x_1 + ... + x_n を x_k で微分すると何になりますか。そこに x_k は残りますか。",
    },
)
def keeps_x(x):
    """Multiplies 2 times the sum with x, as inner derivative."""
    return 2 * np.sum(x) * x


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "How many terms of the inner sum notice that x_k moves: all n of them, or how many?",
        "ja": "x_k を動かしたとき、内側の和で変わる項はいくつですか。n 個すべてでしょうか。",
    },
)
def inner_derivative_n(x):
    """Takes n for the derivative of the inner sum: 2n times the sum."""
    return np.full_like(x, 2 * len(x) * np.sum(x))


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "You have the derivative by x_1. What happens to h when another entry moves?",
        "ja": "x_1 についての微分はできています。ほかの成分を動かすと、h はどうなりますか。",
    },
)
def first_entry_only(x):
    """Differentiates by x_1 and leaves the other entries at 0."""
    result = np.zeros_like(x)
    result[0] = 2 * np.sum(x)
    return result


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "In the double sum, what does the term with i = j = k give? Is it in your answer?",
        "ja": "二重の和で、i = j = k の項からは何が出てきますか。それは答えに入っていますか。",
    },
)
def leaves_out_its_own_term(x):
    """Sums over the other entries only: 2 (sum - x_k)."""
    return 2 * (np.sum(x) - x)


@wrong(
    fails=(SIZES, CANCEL),
    hint={
        "en": "Is this how fast h changes, or h itself?",
        "ja": "これは h の変化の速さですか、それとも h そのものですか。",
    },
)
def value_in_each_entry(x):
    """Returns the square of the sum in every entry."""
    return np.full_like(x, np.sum(x) ** 2)


@wrong(
    fails=("test_leaves_its_argument_as_it_is",),
    hint={
        "en": "Into whose array do you write the result? Print x before and after the call: is it still the same?",
        "ja": "結果を誰の配列に書き込んでいますか。呼び出しの前後で x を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def writes_into_x(x):
    """Overwrites the caller's own x with the gradient."""
    x[:] = 2 * np.sum(x)
    return x
