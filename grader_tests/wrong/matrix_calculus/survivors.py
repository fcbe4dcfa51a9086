"""What students answer where formulas have to pass the 1x1 rule and fit the shape."""

import numpy as np

from nabla.checks import wrong

BOTH = "test_keeps_exactly_what_passes_both_tests"
VALUE, SHAPE = "test_drops_what_has_another_value", "test_drops_what_has_another_shape"


@wrong(
    fails=(BOTH, VALUE, SHAPE),
    hint={
        "en": (
            "Which of the formulas is the true gradient is another question. What are the two conditions here, "
            "and does 2 A x meet them?"
        ),
        "ja": "どの式が本当の勾配かは別の問いです。ここでの二つの条件は何ですか。2 A x はそれを満たしますか。",
    },
)
def only_the_true_gradient(candidates):
    """Compares with (A + A^T) x for a larger matrix."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    right = (A + A.T) @ x
    found = [(name, formula(A, x)) for name, formula in candidates.items()]
    return [name for name, value in found if value.shape == right.shape and np.allclose(value, right)]


@wrong(
    fails=(BOTH, SHAPE),
    hint={
        "en": "For 1 x 1 matrices every shape is the same. What must you try out to see a row, or a square matrix?",
        "ja": "1×1 行列では、どの式も同じ形になります。行ベクトルや正方行列を見つけるには、何を試せばよいでしょうか。",
    },
)
def only_the_numbers(candidates):
    """Tries 1 x 1 matrices only."""
    a, x = np.array([[0.7]]), np.array([[1.3]])
    return [name for name, formula in candidates.items() if abs(np.sum(formula(a, x)) - 2 * 0.7 * 1.3) < 1e-9]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "A x has the shape of x, too. Is it 2ax for numbers?",
        "ja": "A x も x と同じ形をしています。数の場合、それは 2ax になりますか。",
    },
)
def only_the_shape(candidates):
    """Looks at shapes only."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    return [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "With a = x = 1 you look for the number 2. Which other formulas give 2 there?",
        "ja": "a = x = 1 では 2 になる式を探すことになります。そこで 2 になる式はほかにありませんか。",
    },
)
def tries_ones(candidates):
    """Tries a = x = 1, where 2x and x + 1 are 2 as well."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    one = np.ones((1, 1))
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    return [name for name in fits if abs(np.sum(candidates[name](one, one)) - 2) < 1e-9]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "With a = 2 the numbers 2a and a times a are the same. Which formulas can't you tell apart there?",
        "ja": "a = 2 では、2a と a の二乗が同じ数になります。そこで区別できないのはどの式ですか。",
    },
)
def tries_a_two(candidates):
    """Tries a = 2, x = 3, where A A x has the right value."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    return [
        name for name in fits if abs(np.sum(candidates[name](np.full((1, 1), 2.0), np.full((1, 1), 3.0))) - 12) < 1e-9
    ]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "With x = 1 all powers of x are the same. Which formulas can't you tell apart there?",
        "ja": "x = 1 では、x のどの累乗も同じ値です。そこで区別できないのはどの式ですか。",
    },
)
def tries_x_one(candidates):
    """Tries a = 3, x = 1, where x^3 is x."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    return [name for name in fits if abs(np.sum(candidates[name](np.full((1, 1), 3.0), np.ones((1, 1)))) - 6) < 1e-9]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "With x = 2 the square of x is 2x. Which formulas can't you tell apart there?",
        "ja": "x = 2 では、x の二乗が 2x と同じ数になります。そこで区別できないのはどの式ですか。",
    },
)
def tries_x_two(candidates):
    """Tries a = 3, x = 2, where a x^2 has the right value."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    return [
        name for name in fits if abs(np.sum(candidates[name](np.full((1, 1), 3.0), np.full((1, 1), 2.0))) - 12) < 1e-9
    ]


@wrong(
    fails=(BOTH, VALUE),
    hint={
        "en": "Where a and x are the same number, can a formula show you which of the two stands in it?",
        "ja": "a と x に同じ数を選ぶと、式の中にあるのが a なのか x なのかを見分けられますか。",
    },
)
def tries_equal_numbers(candidates):
    """Tries a = x = 3, where 2 x^2 has the right value."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    three = np.full((1, 1), 3.0)
    return [name for name in fits if abs(np.sum(candidates[name](three, three)) - 18) < 1e-9]


@wrong(
    fails=(BOTH, VALUE, SHAPE),
    hint={
        "en": "What is the derivative of a times x squared by x: ax or 2ax?",
        "ja": "a と x の二乗の積を x で微分すると、ax と 2ax のどちらになりますか。",
    },
)
def forgets_the_two(candidates):
    """Asks for ax where 2ax is the derivative."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    return [
        name for name in fits if abs(np.sum(candidates[name](np.full((1, 1), 0.7), np.full((1, 1), 1.3))) - 0.91) < 1e-9
    ]


@wrong(
    fails=(BOTH, VALUE, SHAPE),
    hint={
        "en": "Are these the formulas that pass, or those that fall out?",
        "ja": "返しているのは条件を満たす式ですか、それとも除かれる式ですか。",
    },
)
def names_the_dropped(candidates):
    """Returns the names of the formulas that do not survive."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    fits = [name for name, formula in candidates.items() if formula(A, x).shape == x.shape]
    kept = [
        name for name in fits if abs(np.sum(candidates[name](np.full((1, 1), 0.7), np.full((1, 1), 1.3))) - 1.82) < 1e-9
    ]
    return [name for name in candidates if name not in kept]


@wrong(
    fails=(BOTH, VALUE, SHAPE),
    hint={
        "en": "You answer yes or no for each formula. What does the docstring ask for?",
        "ja": "式ごとに真か偽かを返しています。docstring が求めているのは何ですか。",
    },
)
def truth_values(candidates):
    """Returns True or False for each formula instead of the names."""
    A, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    answers = []
    for formula in candidates.values():
        right = abs(np.sum(formula(np.full((1, 1), 0.7), np.full((1, 1), 1.3))) - 1.82) < 1e-9
        answers.append(bool(right and formula(A, x).shape == x.shape))
    return answers
