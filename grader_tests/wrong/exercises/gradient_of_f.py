"""What students answer for the gradient of beta^T x."""

import numpy as np

from nabla.checks import wrong

EVERYWHERE = ("test_is_right_where_x_is_a_vector", "test_is_right_where_x_is_a_column")


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": (
            "Which of the two letters do you move, and which one stays fixed? "
            "With respect to which one is this the derivative?"
        ),
        "ja": (
            "二つの文字のうち、動かすのはどちらで、固定するのはどちらですか。この答えはどちらについての微分でしょうか。"
        ),
    },
)
def differentiates_by_beta(beta, x):
    """Takes the derivative with respect to beta, which is x."""
    return x


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "How many partial derivatives does f have, and how many numbers do you return?",
        "ja": "f の偏微分はいくつありますか。返している数はいくつですか。",
    },
)
def value_for_gradient(beta, x):
    """Returns the value of f, not its gradient."""
    return float(np.sum(np.reshape(beta, -1) * np.reshape(x, -1)))


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": (
            "Write out the k-th term of the sum and move the k-th entry of x. "
            "What is left of that entry in the derivative?"
        ),
        "ja": "和の第 k 項を書き出し、x の第 k 成分だけを動かしてみましょう。微分したあと、その成分は残りますか。",
    },
)
def keeps_x(beta, x):
    """Multiplies entry by entry and keeps x, as if a term were its own derivative."""
    return np.reshape(beta, x.shape) * x


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "What does the transpose in the formula do to f? And which shape has a gradient with respect to x?",
        "ja": "式の中の転置は f にどう影響しますか。また、x についての勾配はどのような形をしていますか。",
    },
)
def row_from_the_transpose(beta, x):
    """Copies the transpose of the formula into the gradient: a row."""
    return np.reshape(beta, (1, -1))


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "You return beta in its own shape. Whose shape must a gradient have?",
        "ja": "beta を元の形のまま返しています。勾配はどの変数の形に合わせるものでしたか。",
    },
)
def shape_of_beta(beta, x):
    """Has the right numbers in the shape of beta."""
    return beta + 0.0


@wrong(
    fails=("test_is_right_where_x_is_a_column",),
    hint={
        "en": "x was a column here. Does your answer look at the shape of x at all?",
        "ja": "ここでは x は列ベクトルでした。答えは x の形を見ていますか。",
    },
)
def always_a_vector(beta, x):
    """Flattens, also where x is a column."""
    return np.reshape(beta, -1)
