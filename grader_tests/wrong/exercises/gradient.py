"""What students answer for the gradient of x^2 y + x y^2."""

from nabla.checks import wrong

FIRST_POINTS = "test_first_component_has_a_result_for_each_point"
SECOND_POINTS = "test_second_component_has_a_result_for_each_point"
FIRST = ("test_first_component_is_right_at_single_points", FIRST_POINTS)
SECOND = ("test_second_component_is_right_at_single_points", SECOND_POINTS)
ALL = (*FIRST, *SECOND)


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
        "ja": "x だけを動かすとき、y だけからなる因数はどうなりますか。消えますか、それとも残りますか。",
    },
)
def drops_constant_factors(x, y):
    """Lets the factor that stays fixed vanish, as a constant term would."""
    return 2 * x + y**2, x**2 + 2 * y


@wrong(
    fails=ALL,
    hint={
        "en": "At (3, 5), does f grow faster when x moves or when y does? Which of your two numbers says so?",
        "ja": (
            "点 (3, 5) では、x を動かすときと y を動かすときのどちらで f は速く増えますか。"
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
        "ja": "積の微分では項が二つ現れ、それぞれで一方の因数がそのまま残ります。答えのどこでそれを使っていますか。",
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
    fails=(FIRST_POINTS, SECOND_POINTS),
    hint={
        "en": "You got several points at once. Should their derivatives be added?",
        "ja": "一度に複数の点が渡されました。それらの微分を足し合わせてよいのでしょうか。",
    },
)
def adds_the_points_up(x, y):
    """Sums over the points where several are given, as a loss over a batch would."""
    return (2 * x * y + y**2).sum(), (x**2 + 2 * x * y).sum()


@wrong(
    fails=ALL,
    hint={
        "en": "When x moves alone, does the square of y change? Which squares may you differentiate then?",
        "ja": "x だけを動かすとき、y の二乗は変わりますか。そのとき微分してよいのはどの二乗ですか。",
    },
)
def differentiates_every_square(x, y):
    """Turns each square into twice its base, whichever variable moves: (2xy + 2y, 2x + 2xy)."""
    return 2 * x * y + 2 * y, 2 * x + 2 * x * y


@wrong(
    fails=FIRST,
    hint={
        "en": "Both terms of f contain x. What has each of them given to your first component?",
        "ja": "f の項はどちらも x を含んでいます。第一成分には、それぞれの項から何が現れましたか。",
    },
)
def first_component_lacks_a_term(x, y):
    """Loses the derivative of x^2 y by x: (y^2, x^2 + 2xy)."""
    return y**2, x**2 + 2 * x * y


@wrong(
    fails=SECOND,
    hint={
        "en": "Both terms of f contain y. What has each of them given to your second component?",
        "ja": "f の項はどちらも y を含んでいます。第二成分には、それぞれの項から何が現れましたか。",
    },
)
def second_component_lacks_a_term(x, y):
    """Loses the derivative of x y^2 by y: (2xy + y^2, x^2)."""
    return 2 * x * y + y**2, x**2


@wrong(
    fails=FIRST,
    hint={
        "en": "Is there a minus sign in f? Let x and y be positive: can f fall when x grows?",
        "ja": "f にマイナスの符号はありますか。x と y が正のとき、x を増やすと f が減ることはありますか。",
    },
)
def sign_slip(x, y):
    """Subtracts where the terms are added: (2xy - y^2, x^2 + 2xy)."""
    return 2 * x * y - y**2, x**2 + 2 * x * y


@wrong(
    fails=SECOND,
    hint={
        "en": "In which of the two terms of f does y carry the square, and what does that square become when y moves?",
        "ja": "f の二つの項のうち、y が二乗になっているのはどちらですか。y を動かすと、その二乗は何になりますか。",
    },
)
def second_component_lacks_a_factor(x, y):
    """Loses the factor 2 of the square: (2xy + y^2, x^2 + xy)."""
    return 2 * x * y + y**2, x**2 + x * y
