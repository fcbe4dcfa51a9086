"""What students answer for the gradient of beta^T x."""

import numpy as np

from nabla.checks import wrong

VECTOR, COLUMN = "test_is_right_where_x_is_a_vector", "test_is_right_where_x_is_a_column"


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": (
            "Which letter moves here, and which one is fixed? What would the gradient be of if you moved the other one?"
        ),
        "ja": (
            "ここで動かすのはどちらの文字で、固定するのはどちらですか。この答えはどちらの文字についての微分でしょうか。"
        ),
    },
)
def differentiates_by_beta(beta, x):
    """Takes the derivative with respect to beta, which is x."""
    return x


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": "In how many ways can x move, one entry at a time? How many numbers do you return?",
        "ja": "成分を一つずつ動かすと、x の動かし方は何通りありますか。返している数はいくつですか。",
    },
)
def value_for_gradient(beta, x):
    """Returns the value of f, not its gradient."""
    return float(np.sum(np.reshape(beta, -1) * np.reshape(x, -1)))


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": "What is the derivative of a number b times x by x? Is x still in it?",
        "ja": "数 b と x の積を x で微分すると何になりますか。そこに x は残りますか。",
    },
)
def keeps_x(beta, x):
    """Multiplies entry by entry and keeps x."""
    return np.reshape(beta, x.shape) * x


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": "In denominator layout, what decides the shape of a derivative: the transpose in the formula of f?",
        "ja": "分母レイアウトでは、微分の形は何で決まりますか。f の式にある転置でしょうか。",
    },
)
def row_from_the_transpose(beta, x):
    """Copies the transpose of the formula into the gradient: a row."""
    return np.reshape(beta, (1, -1))


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": "You transpose beta. Which shape does that give for a column, and which shape has x?",
        "ja": "beta を転置しています。列ベクトルを転置するとどのような形になりますか。x はどのような形ですか。",
    },
)
def transposes_beta(beta, x):
    """Has beta^T: the vector stays, the column becomes a row."""
    return beta.T + 0.0


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": "The numbers are right. In whose shape do they stand, and in whose shape should they?",
        "ja": "数は合っています。それはどちらの変数の形に並んでいますか。どちらの形に並べるべきでしょうか。",
    },
)
def shape_of_beta(beta, x):
    """Has the right numbers in the shape of beta."""
    return beta + 0.0


@wrong(
    fails=(VECTOR, COLUMN),
    hint={
        "en": (
            "What happens when an array of shape (n,) is multiplied with one of shape (n, 1), entry by entry? "
            "How many entries come out?"
        ),
        "ja": "形が (n,) の配列と (n, 1) の配列を成分ごとに掛けると何が起こりますか。成分はいくつになりますか。",
    },
)
def broadcasts(beta, x):
    """Multiplies beta with ones in x's shape: an n x n matrix where the two shapes differ."""
    return beta * np.ones_like(x)


@wrong(
    fails=(COLUMN,),
    hint={
        "en": "x was a column here. Does your answer look at the shape of x at all?",
        "ja": "ここでは x は列ベクトルでした。答えは x の形を見ていますか。",
    },
)
def always_a_vector(beta, x):
    """Flattens, also where x is a column."""
    return np.reshape(beta, -1)


@wrong(
    fails=(VECTOR,),
    hint={
        "en": "x had shape (n,) here, as Python writes a vector. Which shape has a derivative by it?",
        "ja": "ここでは x の形は (n,) でした。これで微分すると、結果はどのような形になりますか。",
    },
)
def always_a_column(beta, x):
    """Makes a column, as on paper, also where x has shape (n,)."""
    return np.reshape(beta, (-1, 1))
