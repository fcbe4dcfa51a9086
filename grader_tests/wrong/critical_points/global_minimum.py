"""What students answer for the lowest point of a polynomial."""

import numpy as np

from nabla.checks import wrong

TWO, MANY = "test_finds_the_lower_of_two_valleys", "test_finds_the_lowest_of_many_critical_points"
ONE, TIES = "test_is_right_where_there_is_one_critical_point", "test_takes_any_point_where_several_are_lowest"
ODD, NEGATIVE = "test_refuses_an_odd_degree", "test_refuses_a_negative_first_coefficient"


@wrong(
    fails=(TWO, MANY),
    hint={
        "en": "There may be several valleys. Have you compared their depths, or taken the one that you met first?",
        "ja": "谷はいくつもあるかもしれません。深さを比べましたか、それとも最初に出会った谷を選びましたか。",
    },
)
def first_critical_point(coefficients):
    """Takes the leftmost critical point, which is always a minimum."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    x = float(min(roots[np.abs(roots.imag) < 1e-3].real))
    return x, float(np.polyval(coefficients, x))


@wrong(
    fails=(TWO, MANY),
    hint={
        "en": "Does the valley furthest to the right have to be the deepest? What do you compare?",
        "ja": "いちばん右の谷が最も深いとは限りません。何を比べればよいでしょうか。",
    },
)
def last_critical_point(coefficients):
    """Takes the rightmost critical point."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    x = float(max(roots[np.abs(roots.imag) < 1e-3].real))
    return x, float(np.polyval(coefficients, x))


@wrong(
    fails=(TWO, MANY),
    hint={
        "en": "What is special about 0? Would the same point be lowest if the curve were moved to the right?",
        "ja": "0 には何か特別な意味がありますか。曲線全体を右へずらしたら、最も低い点はどうなるでしょうか。",
    },
)
def nearest_to_zero(coefficients):
    """Takes the critical point nearest to zero: where a search from 0 would end."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    x = float(min(roots[np.abs(roots.imag) < 1e-3].real, key=abs))
    return x, float(np.polyval(coefficients, x))


@wrong(
    fails=(TWO, MANY, ONE, TIES),
    hint={
        "en": "What comes first in the pair, the place or the height?",
        "ja": "組の最初に来るのは、位置ですか、それとも高さですか。",
    },
)
def value_first(coefficients):
    """Returns (f(x), x)."""
    if len(coefficients) == 1:
        return float(coefficients[0]), 0.0
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    values = np.polyval(coefficients, points)
    return float(values.min()), float(points[np.argmin(values)])


@wrong(
    fails=(TWO, MANY, ONE, TIES),
    hint={
        "en": "Where is the curve lowest, and how low is it there? Which of the two numbers is missing?",
        "ja": "曲線はどこで最も低く、そこでの高さはいくつですか。二つの数のうち、足りないのはどちらですか。",
    },
)
def place_only(coefficients):
    """Returns x without the value."""
    if len(coefficients) == 1:
        return 0.0
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    return float(points[np.argmin(np.polyval(coefficients, points))])


@wrong(
    fails=(TWO, MANY),
    hint={
        "en": "Is -5 smaller or larger than 0? And than -32?",
        "ja": "-5 は 0 より小さいですか、大きいですか。-32 と比べるとどうでしょうか。",
    },
)
def smallest_absolute_value(coefficients):
    """Looks for the value nearest to zero."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    x = points[np.argmin(np.abs(np.polyval(coefficients, points)))]
    return float(x), float(np.polyval(coefficients, x))


@wrong(
    fails=(TWO, MANY, TIES),
    hint={
        "en": "Which end of the sorted values do you take? Is there a critical point below yours?",
        "ja": "並べた値のどちらの端を選びましたか。それより低い臨界点はありませんか。",
    },
)
def largest_value(coefficients):
    """Takes the critical point with the largest value."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    x = points[np.argmax(np.polyval(coefficients, points))]
    return float(x), float(np.polyval(coefficients, x))


@wrong(
    fails=(TWO, MANY, ONE, TIES),
    hint={
        "en": "You compare the values at whole numbers. Can the lowest point lie between two of them?",
        "ja": "整数での値を比べています。最も低い点が、二つの整数の間にあることはありませんか。",
    },
)
def whole_numbers_only(coefficients):
    """Tries the whole numbers from -10 to 10."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    points = np.arange(-10.0, 11.0)
    values = np.polyval(coefficients, points)
    return float(points[np.argmin(values)]), float(values.min())


@wrong(
    fails=(TWO, MANY, ONE, TIES),
    hint={
        "en": "Your x is right. Is the second number the height of the curve there, or its slope?",
        "ja": "x は合っています。二つ目の数は、そこでの曲線の高さですか、それとも傾きですか。",
    },
)
def slope_for_the_value(coefficients):
    """Returns f'(x), which is about zero, where f(x) is asked for."""
    if len(coefficients) == 1:
        return 0.0, 0.0
    if len(coefficients) % 2 == 0 or coefficients[0] < 0:
        raise ValueError("no minimum")
    slope = np.polyder(np.array(coefficients))
    roots = np.roots(slope)
    points = roots[np.abs(roots.imag) < 1e-3].real
    x = float(points[np.argmin(np.polyval(coefficients, points))])
    return x, float(np.polyval(slope, x))


@wrong(
    fails=(ODD,),
    hint={
        "en": "Go far out along the curve, to the left and to the right: how small do its values get?",
        "ja": "曲線に沿って、左や右へずっと進んでみましょう。値はどこまで小さくなりますか。",
    },
)
def lowest_critical_point_of_an_odd_degree(coefficients):
    """Never asks whether the degree is odd."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if coefficients[0] < 0 and len(coefficients) % 2 == 1:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    if len(points) == 0:
        return 0.0, float(np.polyval(coefficients, 0.0))
    values = np.polyval(coefficients, points)
    return float(points[np.argmin(values)]), float(values.min())


@wrong(
    fails=(NEGATIVE,),
    hint={
        "en": "Which way does -x**2 go on both sides? What is smaller than the value at its only critical point?",
        "ja": "-x**2 は両側でどちらへ向かいますか。ただ一つの臨界点での値より小さい値はありませんか。",
    },
)
def lowest_critical_point_of_a_hill(coefficients):
    """Never asks for the sign of the first coefficient."""
    if len(coefficients) == 1:
        return 0.0, coefficients[0]
    if len(coefficients) % 2 == 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    values = np.polyval(coefficients, points)
    return float(points[np.argmin(values)]), float(values.min())


@wrong(
    fails=(TWO, MANY, ONE, TIES, ODD),
    hint={
        "en": "How many coefficients has a polynomial of degree 4? Which of the two numbers have you tested?",
        "ja": "四次の多項式の係数はいくつありますか。偶数かどうかを調べたのは、次数ですか、係数の個数ですか。",
    },
)
def counts_coefficients_for_the_degree(coefficients):
    """Takes the number of coefficients for the degree, and refuses the wrong half."""
    if len(coefficients) % 2 == 1 or coefficients[0] < 0:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    if len(points) == 0:
        return 0.0, float(np.polyval(coefficients, 0.0))
    values = np.polyval(coefficients, points)
    return float(points[np.argmin(values)]), float(values.min())


@wrong(
    fails=(TIES,),
    hint={
        "en": "What is the smallest value of the constant -7? Does a constant have no smallest value?",
        "ja": "定数 -7 の最小値はいくつですか。定数には最小値がないのでしょうか。",
    },
)
def refuses_constants(coefficients):
    """Raises an error for a constant, since it has no critical points that could be listed."""
    if len(coefficients) % 2 == 0 or coefficients[0] < 0 or len(coefficients) == 1:
        raise ValueError("no minimum")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = roots[np.abs(roots.imag) < 1e-3].real
    values = np.polyval(coefficients, points)
    return float(points[np.argmin(values)]), float(values.min())
