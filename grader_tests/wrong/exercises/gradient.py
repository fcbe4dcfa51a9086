"""What students answer for the gradient of x^2 y + x y^2."""

from nabla.checks import wrong

ALL = (
    "test_is_right_at_single_points",
    "test_is_zero_where_it_must_be_and_nowhere_else",
    "test_has_a_result_for_each_point",
)


@wrong(
    fails=ALL,
    hint={
        "en": "f has two terms. What does each of them become when x moves alone, and what when y does?",
        "ja": "f には項が二つあります。x だけを動かすと、それぞれの項は何になりますか。y だけを動かすとどうですか。",
    },
)
def only_the_squared_factors(x, y):
    """Differentiates only the squares and drops the terms in which the variable is linear: (2xy, 2xy)."""
    return 2 * x * y, 2 * x * y


@wrong(
    fails=ALL,
    hint={
        "en": (
            "When x moves alone, what happens to the factor that has only y in it: does it vanish, or does it stay?"
        ),
        "ja": "x だけを動かすとき、y だけからなる因子はどうなりますか。消えますか、それとも残りますか。",
    },
)
def drops_constant_factors(x, y):
    """Lets the factor that stays fixed vanish, as a constant term would."""
    return 2 * x + y**2, x**2 + 2 * y


@wrong(
    fails=ALL,
    hint={
        "en": "At (1, 2), does f grow faster when x moves or when y does? Which of your two numbers says so?",
        "ja": (
            "点 (1, 2) では、x を動かすときと y を動かすときのどちらで f は速く増えますか。"
            "返した二つの数のどちらがそれを表していますか。"
        ),
    },
)
def components_swapped(x, y):
    """Has the two components in the wrong order."""
    return x**2 + 2 * x * y, 2 * x * y + y**2


@wrong(
    fails=ALL,
    hint={
        "en": "Where do you use that the derivative of a product has two terms, each with one factor left as it is?",
        "ja": "積の微分では項が二つ現れ、それぞれで一方の因子がそのまま残ります。答えのどこでそれを使っていますか。",
    },
)
def product_of_derivatives(x, y):
    """Multiplies derivatives of factors as if both moved: (2x + 2y, 2x + 2y)."""
    return 2 * x + 2 * y, 2 * x + 2 * y


@wrong(
    fails=ALL,
    hint={
        "en": "How many directions can one move in from a point of the plane? How many numbers do you return?",
        "ja": "平面の点からは、いくつの座標方向に動けますか。返している数はいくつですか。",
    },
)
def one_number(x, y):
    """Adds the partial derivatives up."""
    return x**2 + 4 * x * y + y**2


@wrong(
    fails=("test_has_a_result_for_each_point",),
    hint={
        "en": "You got several points at once. Should their derivatives be added?",
        "ja": "一度に複数の点が渡されました。それらの微分を足し合わせてよいのでしょうか。",
    },
)
def adds_the_points_up(x, y):
    """Sums over the points where several are given, as a loss over a batch would."""
    return (2 * x * y + y**2).sum(), (x**2 + 2 * x * y).sum()
