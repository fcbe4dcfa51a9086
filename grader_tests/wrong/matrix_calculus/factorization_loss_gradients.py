"""What students answer for the two gradients of the squared norm of X - UV."""

import numpy as np

from nabla.checks import wrong

FIRST, SECOND = "test_is_right_for_the_first_factor", "test_is_right_for_the_second_factor"
EXACT = "test_tells_an_exact_product_from_one_that_is_off_in_an_entry"
UNCHANGED = "test_leaves_its_arguments_as_they_are"
ALL = (FIRST, SECOND, EXACT)


@wrong(
    fails=ALL,
    hint={
        "en": (
            "Let an entry of U grow where the residual and V are positive. Does the loss grow or fall? What does "
            "your sign say?"
        ),
        "ja": (
            "残差と V が正のところで U の成分を増やすと、損失は増えますか、減りますか。その符号は何を表していますか。"
        ),
    },
)
def sign_lost(X, U, V):
    """Forgets the minus of the inner derivative."""
    rest = X - U @ V
    return 2 * rest @ V.T, 2 * U.T @ rest


@wrong(
    fails=ALL,
    hint={
        "en": "What does the square bring along when it is differentiated?",
        "ja": "二乗を微分すると、何が掛かりますか。",
    },
)
def factor_two_lost(X, U, V):
    """Differentiates the square without its factor 2."""
    rest = X - U @ V
    return -rest @ V.T, -U.T @ rest


@wrong(
    fails=ALL,
    hint={
        "en": "Which of the two gradients shall come first? Which shape has the first one that you return?",
        "ja": "先に返すのはどちらの勾配ですか。最初に返しているものはどのような形ですか。",
    },
)
def swapped(X, U, V):
    """Returns the gradient for V first."""
    rest = X - U @ V
    return -2 * U.T @ rest, -2 * rest @ V.T


@wrong(
    fails=(SECOND, EXACT),
    hint={
        "en": "Is the derivative by v_ab the entry (a, b) of your second result, or the entry (b, a)?",
        "ja": "v_ab による微分は、二つ目の結果の (a, b) 成分ですか、それとも (b, a) 成分ですか。",
    },
)
def second_transposed(X, U, V):
    """Reads the sum over i as (X - UV)^T U: V's gradient, transposed."""
    rest = X - U @ V
    return -2 * rest @ V.T, -2 * rest.T @ U


@wrong(
    fails=ALL,
    hint={
        "en": "U is n x r. Which shape have your two results, and which layout is that?",
        "ja": "U は n×r 行列です。返した二つの結果はどのような形で、それはどのレイアウトですか。",
    },
)
def other_layout(X, U, V):
    """Has both results transposed, as in numerator layout."""
    rest = X - U @ V
    return (-2 * rest @ V.T).T, (-2 * U.T @ rest).T


@wrong(
    fails=(*ALL, UNCHANGED),
    hint={
        "en": (
            "Write the sizes under the factors of your products. Do those in the middle agree where n, m and r "
            "are all different?"
        ),
        "ja": "積の因子の下に大きさを書いてみましょう。n、m、r がすべて違うとき、真ん中の大きさは一致しますか。",
    },
)
def order_of_the_numbers(X, U, V):
    """Keeps the order of -2(x - uv)u: the product exists for square matrices only."""
    rest = X - U @ V
    return -2 * rest @ V, -2 * rest @ U


@wrong(
    fails=ALL,
    hint={
        "en": "X - U V is differentiated, and it comes up again in the result. What has become of U V?",
        "ja": "微分するのは X - U V の二乗で、X - U V は結果にも現れます。U V はどうなりましたか。",
    },
)
def product_lost(X, U, V):
    """Has X where the residual should stand."""
    return -2 * X @ V.T, -2 * U.T @ X


@wrong(
    fails=ALL,
    hint={
        "en": "Is this the gradient of the squared norm, or of the norm? What does your formula do where X = U V?",
        "ja": "これはノルムの二乗の勾配ですか、それともノルムの勾配ですか。X = U V のとき、その式はどうなりますか。",
    },
)
def gradient_of_the_norm(X, U, V):
    """Differentiates the root as well."""
    rest = X - U @ V
    with np.errstate(all="ignore"):
        unit = rest / np.sqrt(np.sum(rest * rest))
    return -unit @ V.T, -U.T @ unit


@wrong(
    fails=ALL,
    hint={
        "en": "By what do you divide? Is there a mean in this loss?",
        "ja": "何で割っていますか。この損失は平均でしょうか。",
    },
)
def gradient_of_the_mean(X, U, V):
    """Divides by the number of entries of X."""
    rest = X - U @ V
    return -2 * rest @ V.T / X.size, -2 * U.T @ rest / X.size


@wrong(
    fails=(FIRST, SECOND),
    hint={
        "en": (
            "Does your gradient know all singular values of the residual, or only the largest one? Which norm is that?"
        ),
        "ja": (
            "その勾配には、残差の特異値がすべて関わっていますか、それとも最大のものだけですか。"
            "それはどのノルムでしょうか。"
        ),
    },
)
def gradient_of_the_spectral_norm(X, U, V):
    """Differentiates the square of the largest singular value."""
    left, sigma, right = np.linalg.svd(X - U @ V)
    rest = sigma[0] * np.outer(left[:, 0], right[0])
    return -2 * rest @ V.T, -2 * U.T @ rest


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
    return -2 * X @ V.T, -2 * U.T @ X
