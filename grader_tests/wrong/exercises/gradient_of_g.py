"""What students answer for the gradient of x^T beta."""

import numpy as np

from nabla.checks import wrong

EVERYWHERE = ("test_is_right_where_x_is_a_vector", "test_is_right_where_x_is_a_column")


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": (
            "Here x is the letter that carries the transpose. Write g as a sum: "
            "can one still see which letter carried it?"
        ),
        "ja": (
            "g では転置の記号は x についています。g を和の形に書いてみましょう。"
            "どちらに転置がついていたか、まだわかりますか。"
        ),
    },
)
def transposed_for_g(beta, x):
    """Expects the other order of the factors to transpose the gradient: a row."""
    return np.reshape(beta, (1, -1))


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "Which of the two letters is the variable? Does it help to ask what a small step in x does to g?",
        "ja": "二つの文字のうち、変数はどちらですか。x を少し動かすと g はどう変わるでしょうか。",
    },
)
def differentiates_by_beta(beta, x):
    """Takes the derivative with respect to beta, which is x."""
    return x


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "How often does x occur in g? The product rule has a term for each occurrence: how many are there?",
        "ja": "g の中に x は何回現れますか。積の微分法では、現れた回数だけ項が出てきます。いくつになりますか。",
    },
)
def twice_beta(beta, x):
    """Treats the linear form like a quadratic one and doubles."""
    return 2 * np.reshape(beta, x.shape)


@wrong(
    fails=EVERYWHERE,
    hint={
        "en": "Is this a number or a gradient? How many partial derivatives does g have?",
        "ja": "これは一つの数ですか、それとも勾配ですか。g の偏微分はいくつありますか。",
    },
)
def value_for_gradient(beta, x):
    """Returns the value of g, not its gradient."""
    return float(np.sum(np.reshape(beta, -1) * np.reshape(x, -1)))


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
    fails=("test_is_right_where_x_is_a_vector",),
    hint={
        "en": "x had one axis here. How many axes has your gradient?",
        "ja": "ここでは x の軸は一つでした。勾配の軸はいくつありますか。",
    },
)
def always_a_column(beta, x):
    """Makes a column, also where x is a vector."""
    return np.reshape(beta, (-1, 1))
