"""What students answer for the Hessian of x e^(-x² - y²).

Order matters: a zero fits several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

ALONG_X, ALONG_Y = "test_second_derivative_along_x_is_right", "test_second_derivative_along_y_is_right"
MIXED = "test_both_mixed_derivatives_are_right"
ALL = (ALONG_X, ALONG_Y, MIXED)


@wrong(
    fails=(MIXED,),
    hint={
        "en": "Does the first component of the gradient change when y moves?",
        "ja": "y を動かすと、勾配の第一成分は変わりますか。",
    },
)
def mixed_left_out(x, y):
    """Fills the diagonal only."""
    return np.exp(-(x**2) - y**2) * np.array([[4 * x**3 - 6 * x, 0 * x], [0 * x, 4 * x * y**2 - 2 * x]])


@wrong(
    fails=ALL,
    hint={
        "en": "Each component of the gradient has two factors that depend on x and y. Have you differentiated both?",
        "ja": "勾配の成分はどれも、x と y に依存する二つの因数をもっています。両方とも微分しましたか。",
    },
)
def exponential_kept_constant(x, y):
    """Differentiates the polynomial and takes the exponential for a constant."""
    return np.exp(-(x**2) - y**2) * np.array([[-4 * x, 0 * x], [-2 * y, -2 * x]])


@wrong(
    fails=(ALONG_X, ALONG_Y),
    hint={
        "en": "The product rule gives two terms. Where is the one in which the polynomial was differentiated?",
        "ja": "積の微分法では項が二つ出てきます。多項式のほうを微分した項はどこにありますか。",
    },
)
def polynomial_kept_constant(x, y):
    """Differentiates the exponential alone."""
    mixed = 4 * x**2 * y - 2 * y
    return np.exp(-(x**2) - y**2) * np.array([[4 * x**3 - 2 * x, mixed], [mixed, 4 * x * y**2]])


@wrong(
    fails=ALL,
    hint={
        "en": "What is the derivative of -x², with its sign?",
        "ja": "-x² を微分すると何になりますか。符号はどうでしょうか。",
    },
)
def inner_sign_lost(x, y):
    """Loses the minus of the inner derivative -2x."""
    mixed = 2 * y - 4 * x**2 * y
    return np.exp(-(x**2) - y**2) * np.array([[-4 * (x**3) - 2 * x, mixed], [mixed, -4 * x * y**2 - 2 * x]])


@wrong(
    fails=ALL,
    hint={
        "en": "Far away from the origin the function is nearly flat. Is your result nearly zero there?",
        "ja": "原点から遠く離れると、関数はほとんど平らです。結果はそこでほぼ 0 になっていますか。",
    },
)
def exponential_lost(x, y):
    """Forgets the factor e^(-x² - y²)."""
    mixed = 4 * x**2 * y - 2 * y
    return np.array([[4 * x**3 - 6 * x, mixed], [mixed, 4 * x * y**2 - 2 * x]])


@wrong(
    fails=ALL,
    hint={
        "en": "Is a second derivative the product of two first ones? What is the second derivative of x², at x = 0?",
        "ja": "二階の微分は、一階の微分二つの積でしょうか。x² の x = 0 での二階の微分はいくつですか。",
    },
)
def product_of_slopes(x, y):
    """Multiplies first derivatives: the outer product of the gradient with itself."""
    gradient = np.exp(-(x**2) - y**2) * np.array([1 - 2 * x**2, -2 * x * y])
    return np.outer(gradient, gradient)


@wrong(
    fails=(ALONG_X, ALONG_Y),
    hint={
        "en": "Which entry is the second derivative along x? The first row belongs to which variable?",
        "ja": "x に沿った二階の微分はどの成分ですか。第 1 行はどの変数に対応しますか。",
    },
)
def diagonal_swapped(x, y):
    """Puts the second derivatives along x and y into each other's place."""
    mixed = 4 * x**2 * y - 2 * y
    return np.exp(-(x**2) - y**2) * np.array([[4 * x * y**2 - 2 * x, mixed], [mixed, 4 * x**3 - 6 * x]])


@wrong(
    fails=(MIXED,),
    hint={
        "en": "Differentiate 1 - 2x² by y: is it a constant there? And the exponential beside it?",
        "ja": "1 - 2x² を y で微分するとき、これは定数ですか。その隣の指数関数はどうでしょうか。",
    },
)
def mixed_without_the_constant(x, y):
    """Loses the -2y of the 1 in 1 - 2x²."""
    mixed = 4 * x**2 * y
    return np.exp(-(x**2) - y**2) * np.array([[4 * x**3 - 6 * x, mixed], [mixed, 4 * x * y**2 - 2 * x]])
