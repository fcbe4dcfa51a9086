"""What students answer for a mixed second derivative from four values."""

import numpy as np

from nabla.checks import wrong

PAIRS, TWICE = "test_is_right_for_pairs_of_variables", "test_is_right_for_one_variable_twice"
FORMULA, FOUR = "test_follows_the_formula_where_it_is_not_exact", "test_needs_four_values_at_most"
KEPT = "test_leaves_its_argument_as_it_is"
VALUES = (PAIRS, TWICE, FORMULA, FOUR)


@wrong(
    fails=VALUES,
    hint={
        "en": "Your four points lie on one side of w. Where do those of the formula lie?",
        "ja": "使っている四点は w の片側にあります。式の四点はどこにありますか。",
    },
)
def forward_differences(f, w, i, j, h=1e-4):
    """Uses w, w + h e_i, w + h e_j and the corner ahead."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    return (f(w + a + b) - f(w + a) - f(w + b) + f(w)) / h**2


@wrong(
    fails=VALUES,
    hint={
        "en": "How far apart are the two points of each difference: h or 2h? And that happens in how many directions?",
        "ja": "差をとる二点はどれだけ離れていますか。h ですか、2h ですか。それはいくつの方向で起こりますか。",
    },
)
def divides_by_h_squared(f, w, i, j, h=1e-4):
    """Forgets the 4: each difference spans 2h."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    return (f(w + a + b) - f(w + a - b) - f(w - a + b) + f(w - a - b)) / h**2


@wrong(
    fails=VALUES,
    hint={
        "en": "Two differences were taken, one in each direction. How often must you divide by a length?",
        "ja": "差は二つの方向で一回ずつとっています。長さでは何回割る必要がありますか。",
    },
)
def divides_by_h_once(f, w, i, j, h=1e-4):
    """Divides by 4h."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    return (f(w + a + b) - f(w + a - b) - f(w - a + b) + f(w - a - b)) / (4 * h)


@wrong(
    fails=VALUES,
    hint={
        "en": "Take f(w) = w[0] * w[1] at the origin: which of the four values are negative, and what becomes of them?",
        "ja": "原点で f(w) = w[0] * w[1] を考えてみましょう。四つの値のうち負になるのはどれで、どう足されますか。",
    },
)
def sign_of_the_last_value(f, w, i, j, h=1e-4):
    """Subtracts the value at the corner behind."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    return (f(w + a + b) - f(w + a - b) - f(w - a + b) - f(w - a - b)) / (4 * h**2)


@wrong(
    fails=VALUES,
    hint={
        "en": "Is the derivative of a derivative the product of two derivatives? Try it with f(w) = w[0] + w[1].",
        "ja": "微分したものをさらに微分すると、二つの微分の積になりますか。f(w) = w[0] + w[1] で試してみましょう。",
    },
)
def product_of_slopes(f, w, i, j, h=1e-4):
    """Multiplies the two first derivatives."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    return (f(w + a) - f(w - a)) * (f(w + b) - f(w - b)) / (4 * h**2)


@wrong(
    fails=(PAIRS, FORMULA, FOUR),
    hint={
        "en": "Which of the two variables do your points move? What became of the other one?",
        "ja": "使っている点では、二つの変数のうちどちらが動いていますか。もう一方はどうなりましたか。",
    },
)
def one_variable_only(f, w, i, j, h=1e-4):
    """Takes the second derivative along w_i and ignores j."""
    a = h * np.eye(len(w))[i]
    return (f(w + 2 * a) - 2 * f(w) + f(w - 2 * a)) / (4 * h**2)


@wrong(
    fails=(TWICE,),
    hint={
        "en": "For i = j, how far must the same number be moved altogether? Is it moved twice in your code?",
        "ja": "i = j のとき、同じ数を全部でどれだけ動かすことになりますか。コードでは二回動いていますか。",
    },
)
def moves_once_where_equal(f, w, i, j, h=1e-4):
    """Sets the two entries one after the other: for i = j the second overwrites the first."""

    def at(one, other):
        point = np.array(w)
        point[i], point[j] = w[i] + one, w[j] + other
        return f(point)

    return (at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h**2)


@wrong(
    fails=(FOUR,),
    hint={
        "en": "How many of your values of f are asked for twice? What does the formula need?",
        "ja": "f の値のうち、二回求めているものはいくつありますか。式に必要なのはいくつですか。",
    },
)
def both_orders(f, w, i, j, h=1e-4):
    """Computes it in both orders and takes the mean: eight values."""
    n = len(w)
    a, b = h * np.eye(n)[i], h * np.eye(n)[j]
    one = f(w + a + b) - f(w + a - b) - f(w - a + b) + f(w - a - b)
    other = f(w + b + a) - f(w + b - a) - f(w - b + a) + f(w - b - a)
    return (one + other) / (8 * h**2)


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose array do you change with `+=`? Print w before and after the call: is it still the same?",
        "ja": "`+=` で変えているのは誰の配列ですか。呼び出しの前後で w を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_the_callers_array(f, w, i, j, h=1e-4):
    """Walks round the four corners with the caller's own array."""
    w[i] += h
    w[j] += h
    total = f(w)
    w[j] -= 2 * h
    total -= f(w)
    w[i] -= 2 * h
    total += f(w)
    w[j] += 2 * h
    return (total - f(w)) / (4 * h**2)
