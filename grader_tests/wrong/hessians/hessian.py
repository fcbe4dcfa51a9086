"""What students answer for the Hessian of a function that comes as code.

They differentiate by central differences here, right to 1e-7: the mistakes are the same in any framework.
"""

import numpy as np

from nabla.checks import wrong

SEVERAL, ONE = "test_is_right_for_functions_of_several_variables", "test_is_right_for_one_variable"
TWENTY = "test_is_right_for_twenty_variables"


@wrong(
    fails=(SEVERAL, ONE, TWENTY),
    hint={
        "en": "What is the Hessian of a function with a constant gradient? What does your function say there?",
        "ja": "勾配が一定の関数のヘッセ行列は何ですか。この関数ではどうなりますか。",
    },
)
def outer_product_of_gradients(f, x):
    """Multiplies first derivatives, where second ones are meant."""
    steps = 1e-4 * np.eye(len(x))
    gradient = np.array([(f(x + step) - f(x - step)) / 2e-4 for step in steps])
    return np.outer(gradient, gradient)


@wrong(
    fails=(SEVERAL, TWENTY),
    hint={
        "en": "Does the slope along one variable depend on the others? Which entries of the matrix say so?",
        "ja": "一つの変数に沿った傾きは、ほかの変数によって変わりますか。それを表すのは行列のどの成分ですか。",
    },
)
def diagonal_only(f, x):
    """Differentiates twice with respect to the same variable, and leaves the rest zero."""
    steps = 1e-4 * np.eye(len(x))
    return np.diag([(f(x + step) - 2 * f(x) + f(x - step)) / 1e-8 for step in steps])


@wrong(
    fails=(SEVERAL, ONE, TWENTY),
    hint={
        "en": "How many second derivatives are there for n variables? How many does your result hold?",
        "ja": "変数が n 個のとき、二階の偏微分はいくつありますか。結果にはいくつ入っていますか。",
    },
)
def gradient_of_the_summed_gradient(f, x):
    """Adds the gradient up before it is differentiated again: H times the vector of ones."""
    steps = 1e-4 * np.eye(len(x))
    ends = [f(x + step) + f(x - step) for step in steps]
    half = [[f(x + a + b) + f(x - a - b) for b in steps[: i + 1]] + [0] * (len(x) - i - 1) for i, a in enumerate(steps)]
    pairs = np.array(half) + np.tril(half, -1).T
    rows = (pairs - np.add.outer(ends, ends) + 2 * f(x)) / 2e-8
    return rows.sum(axis=0)


@wrong(
    fails=(SEVERAL, TWENTY),
    hint={
        "en": "You use that the matrix is symmetric. Is your result equal to its own transpose?",
        "ja": "行列が対称であることを使っていますね。結果はその転置と等しくなっていますか。",
    },
)
def upper_triangle_only(f, x):
    """Fills the entries with i <= j and forgets to copy them."""
    steps = 1e-4 * np.eye(len(x))
    ends = [f(x + step) + f(x - step) for step in steps]
    half = [[f(x + a + b) + f(x - a - b) for b in steps[: i + 1]] + [0] * (len(x) - i - 1) for i, a in enumerate(steps)]
    pairs = np.array(half) + np.tril(half, -1).T
    rows = (pairs - np.add.outer(ends, ends) + 2 * f(x)) / 2e-8
    return np.triu(rows)


@wrong(
    fails=(SEVERAL, ONE, TWENTY),
    hint={
        "en": "In the approximation a factor 1/2 stands in front of the Hessian. Is it part of the Hessian?",
        "ja": "近似の式では、ヘッセ行列の前に 1/2 があります。それはヘッセ行列の一部でしょうか。",
    },
)
def half_of_it(f, x):
    """Returns the coefficients of the quadratic approximation, half the second derivatives."""
    steps = 1e-4 * np.eye(len(x))
    ends = [f(x + step) + f(x - step) for step in steps]
    half = [[f(x + a + b) + f(x - a - b) for b in steps[: i + 1]] + [0] * (len(x) - i - 1) for i, a in enumerate(steps)]
    pairs = np.array(half) + np.tril(half, -1).T
    return (pairs - np.add.outer(ends, ends) + 2 * f(x)) / 4e-8


@wrong(
    fails=(SEVERAL, ONE, TWENTY),
    hint={
        "en": "Your matrix holds first derivatives. How often has f been differentiated?",
        "ja": "行列に並んでいるのは一階の微分です。f を何回微分しましたか。",
    },
)
def gradient_on_the_diagonal(f, x):
    """Puts the gradient on the diagonal."""
    steps = 1e-4 * np.eye(len(x))
    return np.diag([(f(x + step) - f(x - step)) / 2e-4 for step in steps])


@wrong(
    fails=(ONE,),
    hint={
        "en": "For one variable the docstring asks for shape (1, 1). What shape has your result there?",
        "ja": "変数が一つのとき、docstring が求める形は (1, 1) です。結果はどのような形ですか。",
    },
)
def number_for_one_variable(f, x):
    """Drops axes of length 1."""
    steps = 1e-4 * np.eye(len(x))
    ends = [f(x + step) + f(x - step) for step in steps]
    half = [[f(x + a + b) + f(x - a - b) for b in steps[: i + 1]] + [0] * (len(x) - i - 1) for i, a in enumerate(steps)]
    pairs = np.array(half) + np.tril(half, -1).T
    rows = (pairs - np.add.outer(ends, ends) + 2 * f(x)) / 2e-8
    return np.squeeze(rows)
