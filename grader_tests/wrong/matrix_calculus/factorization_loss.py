"""What students answer for the squared Frobenius norm of X - UV."""

import numpy as np

from nabla.checks import wrong

SIZES, LEFT = "test_is_right_for_several_sizes", "test_sees_only_what_the_product_leaves_over"


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": (
            "Which norm of a matrix does your function compute: does it see all entries alike, or only the "
            "largest singular value?"
        ),
        "ja": (
            "その関数が計算しているのは行列のどのノルムですか。"
            "すべての成分を見ていますか、それとも最大の特異値だけですか。"
        ),
    },
)
def spectral_norm(X, U, V):
    """Squares norm(…, 2), the largest singular value: what the chapter's notation says."""
    return float(np.linalg.norm(X - U @ V, 2) ** 2)


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": "Is the loss the norm, or its square? What is it for X = [[3, 4]] and U V = 0?",
        "ja": "損失はノルムですか、それともその二乗ですか。X = [[3, 4]] で U V = 0 のとき、いくつになりますか。",
    },
)
def not_squared(X, U, V):
    """Returns the Frobenius norm, with its root."""
    return float(np.sqrt(np.sum((X - U @ V) ** 2)))


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": "By what do you divide? Is the loss here a sum or a mean?",
        "ja": "何で割っていますか。ここでの損失は和ですか、平均ですか。",
    },
)
def mean_of_squares(X, U, V):
    """Takes the mean, as loss functions of frameworks do."""
    return float(np.mean((X - U @ V) ** 2))


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": "Where does the factor one half come from? Is it in the formula of the loss?",
        "ja": "2 分の 1 はどこから来ましたか。損失の式にありますか。",
    },
)
def one_half(X, U, V):
    """Has the factor 1/2 that many books put before a square."""
    return float(np.sum((X - U @ V) ** 2)) / 2


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": (
            "What happens to each entry of the residual before the sum: is it squared, or does it only lose its sign?"
        ),
        "ja": "残差の各成分は、和をとる前にどうなりますか。二乗しますか、それとも符号をなくすだけですか。",
    },
)
def sum_of_absolute_values(X, U, V):
    """Adds absolute values."""
    return float(np.sum(np.abs(X - U @ V)))


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": (
            "Which comes first, the sum or the squares? Can a positive and a negative residual cancel in your formula?"
        ),
        "ja": "先にするのは和ですか、二乗ですか。その式では、正の残差と負の残差が打ち消し合いませんか。",
    },
)
def square_of_the_sum(X, U, V):
    """Sums first and squares then."""
    return float(np.sum(X - U @ V) ** 2)


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": (
            "Is the square of a difference the difference of the squares? What is your result for X = U V, and "
            "for X = -U V?"
        ),
        "ja": "差の二乗は二乗の差と同じですか。X = U V のとき、また X = -U V のとき、結果はいくつになりますか。",
    },
)
def difference_of_squares(X, U, V):
    """Squares X and UV separately."""
    return float(np.sum(X**2) - np.sum((U @ V) ** 2))


@wrong(
    fails=(SIZES, LEFT),
    hint={
        "en": "The loss is one number. Over which of the two indices have you not summed yet?",
        "ja": "損失は一つの数です。二つの添字のうち、まだ和をとっていないのはどちらですか。",
    },
)
def one_number_for_each_column(X, U, V):
    """Sums over the rows only."""
    return np.sum((X - U @ V) ** 2, axis=0)


@wrong(
    fails=("test_leaves_its_arguments_as_they_are",),
    hint={
        "en": "Whose matrix does `-=` change? Print X before and after the call: is it still the same?",
        "ja": "`-=` で変わるのは誰の行列ですか。呼び出しの前後で X を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def subtracts_in_place(X, U, V):
    """Turns the caller's own X into the residual."""
    X -= U @ V
    return float(np.sum(X**2))
