"""What students answer for value, gradient and Hessian of a quadratic at the origin."""

import numpy as np

from nabla.checks import wrong

FIRST, HESSIAN = "test_value_and_gradient_are_right", "test_hessian_is_right"


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": "What is the second derivative of 5 x²? Where do you find the factor that the square brings along?",
        "ja": "5 x² を二回微分すると何になりますか。二乗から出てくる係数はどこにありますか。",
    },
)
def coefficients_as_they_stand(a, b1, b2, c11, c12, c22):
    """Writes the coefficients into the matrix: no factor 2."""
    return a, np.array([b1, b2]), np.array([[c11, c12], [c12, c22]])


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": "Differentiate x1 x2 with respect to x1, and the result with respect to x2. Does a 2 appear?",
        "ja": "x1 x2 を x1 で微分し、その結果を x2 で微分してみましょう。2 は出てきますか。",
    },
)
def mixed_term_doubled(a, b1, b2, c11, c12, c22):
    """Gives the product the factor 2 of the squares."""
    return a, np.array([b1, b2]), np.array([[2 * c11, 2 * c12], [2 * c12, 2 * c22]])


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": (
            "This is the matrix M with f = … + xᵀM x. The Hessian holds second derivatives: how does it differ from M?"
        ),
        "ja": (
            "これは f = … + xᵀM x となる行列 M です。ヘッセ行列に並ぶのは二階の微分ですが、M とはどう違うでしょうか。"
        ),
    },
)
def matrix_of_the_form(a, b1, b2, c11, c12, c22):
    """Takes the matrix of the quadratic form, half the Hessian."""
    return a, np.array([b1, b2]), np.array([[c11, c12 / 2], [c12 / 2, c22]])


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": "You share c12 between two entries. What is each of the two mixed derivatives by itself?",
        "ja": "c12 を二つの成分に半分ずつ分けています。二つの混合偏微分は、それぞれいくつになりますか。",
    },
)
def mixed_term_shared(a, b1, b2, c11, c12, c22):
    """Splits c12 between the two mixed entries."""
    return a, np.array([b1, b2]), np.array([[2 * c11, c12 / 2], [c12 / 2, 2 * c22]])


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": "Does the slope along x1 change when only x2 moves? Which term of f would make it do so?",
        "ja": "x2 だけを動かすと、x1 方向の傾きは変わりますか。f のどの項がそうさせるでしょうか。",
    },
)
def squares_only(a, b1, b2, c11, c12, c22):
    """Forgets the mixed derivatives."""
    return a, np.array([b1, b2]), np.array([[2 * c11, 0.0], [0.0, 2 * c22]])


@wrong(
    fails=(HESSIAN,),
    hint={
        "en": "Which variable belongs to the first row and the first column? Which square is differentiated there?",
        "ja": "第 1 行第 1 列はどの変数に対応しますか。そこで微分しているのはどの二乗でしょうか。",
    },
)
def squares_swapped(a, b1, b2, c11, c12, c22):
    """Puts each square into the other's place."""
    return a, np.array([b1, b2]), np.array([[2 * c22, c12], [c12, 2 * c11]])


@wrong(
    fails=(FIRST,),
    hint={
        "en": "Which terms of the gradient are left when x1 = x2 = 0? At which point did you take it?",
        "ja": "x1 = x2 = 0 のとき、勾配のどの項が残りますか。どの点での勾配を求めたのでしょうか。",
    },
)
def gradient_elsewhere(a, b1, b2, c11, c12, c22):
    """Sums all coefficients of the gradient: the gradient at (1, 1)."""
    gradient = np.array([b1 + 2 * c11 + c12, b2 + c12 + 2 * c22])
    return a, gradient, np.array([[2 * c11, c12], [c12, 2 * c22]])


@wrong(
    fails=(FIRST,),
    hint={
        "en": "The derivative of a constant is zero. Is the constant's own value zero too?",
        "ja": "定数の微分は 0 です。では、定数そのものの値も 0 でしょうか。",
    },
)
def constant_lost(a, b1, b2, c11, c12, c22):
    """Returns 0 for the value at the origin."""
    return 0.0, np.array([b1, b2]), np.array([[2 * c11, c12], [c12, 2 * c22]])
