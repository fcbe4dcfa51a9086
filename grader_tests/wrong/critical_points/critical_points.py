"""What students answer for the critical points of a polynomial.

Order matters: where all roots are real and simple, several mistakes give the same numbers.
"""

import numpy as np

from nabla.checks import wrong

ORDER, COMPLEX = "test_finds_all_of_them_in_ascending_order", "test_leaves_complex_roots_out"
MULTIPLE, LINE = "test_lists_a_multiple_root_once", "test_knows_that_a_line_has_none"
CONSTANT = "test_refuses_a_constant"


@wrong(
    fails=(ORDER, COMPLEX, MULTIPLE, LINE),
    hint={
        "en": "Where is the slope zero at the points that you return? Of which function are they the roots?",
        "ja": "返した点で傾きは 0 ですか。それはどの関数の根でしょうか。",
    },
)
def roots_of_the_function(coefficients):
    """Solves f(x) = 0."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(coefficients)
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(ORDER, COMPLEX, MULTIPLE, LINE),
    hint={
        "en": "How often have you differentiated? Is the slope zero at your points, or the slope of the slope?",
        "ja": "何回微分しましたか。返した点で 0 になるのは傾きですか、それとも傾きの変化の割合ですか。",
    },
)
def roots_of_the_second_derivative(coefficients):
    """Differentiates twice: points of inflection."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients), 2))
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(ORDER, COMPLEX, MULTIPLE, LINE),
    hint={
        "en": "Are these places on the x axis, or heights of the curve? Which of the two is asked for?",
        "ja": "返したのは x 軸の上の位置ですか、それとも曲線の高さですか。求められているのはどちらでしょうか。",
    },
)
def values_for_points(coefficients):
    """Returns f(x) where x is asked for."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    return np.polyval(coefficients, points[np.diff(points, prepend=-np.inf) >= 1e-3])


@wrong(
    fails=(MULTIPLE,),
    hint={
        "en": "Is 1e-5 a tiny imaginary part here, or a large one? Which tolerance does the exercise name?",
        "ja": "ここでは、虚部 1e-5 は小さいでしょうか、大きいでしょうか。問題文の許容誤差はいくつですか。",
    },
)
def imaginary_parts_cut_too_early(coefficients):
    """Takes a root for complex where its imaginary part is above 1e-9: loses double roots."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(MULTIPLE,),
    hint={
        "en": "What does rounding do to the imaginary parts of a double root? Is an exact zero to be expected?",
        "ja": "重根の虚部は、丸め誤差のためにどうなりますか。ちょうど 0 になると期待できるでしょうか。",
    },
)
def exactly_real_roots_only(coefficients):
    """Asks for an imaginary part that is exactly zero."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.isreal(roots)].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(MULTIPLE,),
    hint={
        "en": "How many points of the curve belong to a double root? When do two rounded roots count as one here?",
        "ja": "重根は曲線の上のいくつの点に対応しますか。丸められた二つの根は、どのようなとき一つとみなしますか。",
    },
)
def multiple_roots_repeated(coefficients):
    """Lists a root as often as its multiplicity says."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    return np.sort(roots[np.abs(roots.imag) < 1e-3].real)


@wrong(
    fails=(MULTIPLE,),
    hint={
        "en": "Does `unique` see that 1.00000001 and 0.99999999 are meant to be the same? How close is close enough?",
        "ja": "`unique` は、1.00000001 と 0.99999999 が同じ根だと判断できますか。どれだけ近ければ同じとみなしますか。",
    },
)
def exactly_equal_roots_merged(coefficients):
    """Merges roots that are equal to the last bit."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    return np.unique(roots[np.abs(roots.imag) < 1e-3].real)


@wrong(
    fails=(MULTIPLE,),
    hint={
        "en": "Is the slope zero at a double root of f'? Must a critical point be a minimum or a maximum?",
        "ja": "f' の二重根で傾きは 0 ですか。臨界点は、極小点か極大点でなければなりませんか。",
    },
)
def turning_points_only(coefficients):
    """Keeps the roots at which the derivative changes its sign."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    slope = np.polyder(np.array(coefficients))
    roots = np.roots(slope)
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    points = points[np.diff(points, prepend=-np.inf) >= 1e-3]
    signs = np.sign(np.polyval(slope, points - 0.05)) * np.sign(np.polyval(slope, points + 0.05))
    return points[signs < 0]


@wrong(
    fails=(COMPLEX, MULTIPLE),
    hint={
        "en": "Can you mark 1 + 2i on the x axis? Which of the roots are points of the curve?",
        "ja": "1 + 2i は x 軸の上に描けますか。根のうち、曲線の上の点になるのはどれでしょうか。",
    },
)
def complex_roots_kept(coefficients):
    """Returns all roots, real and complex."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    return np.sort(np.roots(np.polyder(np.array(coefficients))))


@wrong(
    fails=(COMPLEX,),
    hint={
        "en": "What is the slope at the real part of a complex root? Is anything zero there?",
        "ja": "複素数の根の実部の位置で、傾きはいくつですか。そこで何かが 0 になりますか。",
    },
)
def imaginary_parts_thrown_away(coefficients):
    """Takes the real part of every root."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(ORDER, MULTIPLE),
    hint={
        "en": "In which order does np.roots give its results? In which order does the exercise want them?",
        "ja": "np.roots の結果はどのような順に並んでいますか。問題文が求める順序はどうでしょうか。",
    },
)
def in_the_order_found(coefficients):
    """Leaves the roots in the order in which they were found."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    kept = []
    for point in roots[np.abs(roots.imag) < 1e-3].real:
        if all(abs(point - other) >= 1e-3 for other in kept):
            kept.append(point)
    return np.array(kept)


@wrong(
    fails=(ORDER, MULTIPLE),
    hint={
        "en": "Walk from left to right along the curve: which critical point comes first, and which do you list first?",
        "ja": "曲線の上を左から右へ進むと、最初に出会う臨界点はどれですか。最初に並べた点はどれでしょうか。",
    },
)
def descending(coefficients):
    """Sorts from the largest to the smallest."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3][::-1]


@wrong(
    fails=(ORDER, COMPLEX, MULTIPLE, LINE),
    hint={
        "en": "Your points are whole numbers. Must roots be whole numbers?",
        "ja": "返した点はどれも整数です。根は必ず整数になるのでしょうか。",
    },
)
def rounded_to_whole_numbers(coefficients):
    """Rounds to merge what belongs together, and moves everything."""
    if len(coefficients) == 1:
        raise ValueError("constant")
    roots = np.roots(np.polyder(np.array(coefficients)))
    return np.unique(np.round(roots[np.abs(roots.imag) < 1e-3].real))


@wrong(
    fails=(CONSTANT,),
    hint={
        "en": "How steep is the graph of a constant, at 0 and at 17? Has it no critical points, or too many to list?",
        "ja": "定数のグラフの傾きは、0 や 17 でいくつですか。臨界点はないのでしょうか、多すぎるのでしょうか。",
    },
)
def nothing_for_a_constant(coefficients):
    """Returns an empty array for a constant, since np.roots finds nothing."""
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]


@wrong(
    fails=(COMPLEX, LINE),
    hint={
        "en": "Must a curve have a critical point, or is an empty array an answer too? When is a ValueError asked for?",
        "ja": "臨界点がなければ誤りですか、空の配列も答えになりますか。ValueError が必要なのはいつですか。",
    },
)
def refuses_where_there_are_none(coefficients):
    """Raises an error where there is no critical point."""
    roots = np.roots(np.polyder(np.array(coefficients)))
    points = np.sort(roots[np.abs(roots.imag) < 1e-3].real)
    if len(points) == 0:
        raise ValueError("no critical points")
    return points[np.diff(points, prepend=-np.inf) >= 1e-3]
