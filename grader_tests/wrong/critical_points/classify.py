"""What students answer when asked what a critical point is.

Order matters: one of three words fits several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

KINDS, STEP = "test_tells_minima_from_maxima", "test_tells_a_step_from_a_turning_point"
FLAT, REFUSES = "test_is_right_where_the_second_derivative_is_zero", "test_refuses_points_that_are_not_critical"


@wrong(
    fails=(FLAT,),
    hint={
        "en": "What does the second derivative say about x**3, about x**4 and about -x**4 at 0? What can decide there?",
        "ja": "0 での二階の微分係数から、x**3、x**4、-x**4 について何がわかりますか。そこでは何が決め手になりますか。",
    },
)
def second_derivative_only(coefficients, x):
    """Says "neither" where the second derivative is zero."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    bend = np.polyval(np.polyder(slope), x)
    return "minimum" if bend > 0 else "maximum" if bend < 0 else "neither"


@wrong(
    fails=(KINDS, STEP, FLAT),
    hint={
        "en": "Stand left of the point and walk to the right: down first and then up. Is that a valley or a hill?",
        "ja": "点の左側から右へ歩くと、まず下がり、それから上がります。それは谷でしょうか、丘でしょうか。",
    },
)
def swapped(coefficients, x):
    """Calls a minimum a maximum, and the reverse."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    left, right = np.polyval(slope, [x - 0.5, x + 0.5])
    return "maximum" if left < 0 < right else "minimum" if left > 0 > right else "neither"


@wrong(
    fails=(STEP,),
    hint={
        "en": "Your answer is true on the right of the point. What does the curve do on its left?",
        "ja": "その答えは、点の右側についてなら合っています。左側では曲線はどうなっていますか。",
    },
)
def looks_to_the_right_only(coefficients, x):
    """Judges by the sign of the slope on the right."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    return "minimum" if np.polyval(slope, x + 0.5) > 0 else "maximum"


@wrong(
    fails=(STEP,),
    hint={
        "en": "Your answer is true on the left of the point. What does the curve do on its right?",
        "ja": "その答えは、点の左側についてなら合っています。右側では曲線はどうなっていますか。",
    },
)
def looks_to_the_left_only(coefficients, x):
    """Judges by the sign of the slope on the left."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    return "minimum" if np.polyval(slope, x - 0.5) < 0 else "maximum"


@wrong(
    fails=(FLAT,),
    hint={
        "en": "At 0 the first three derivatives of x**4 and of -x**4 are zero. Is 0 a minimum point of both?",
        "ja": "0 では、x**4 も -x**4 も三階までの微分係数が 0 です。0 はどちらの関数でも極小点でしょうか。",
    },
)
def minimum_unless_the_third_derivative_speaks(coefficients, x):
    """Goes on to the third derivative and takes what is flatter still for a minimum."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    bend, third = (np.polyval(np.polyder(slope, k), x) for k in (1, 2))
    if bend != 0:
        return "minimum" if bend > 0 else "maximum"
    return "minimum" if third == 0 else "neither"


@wrong(
    fails=(STEP, FLAT),
    hint={
        "en": "You need f'' not negative for a minimum. What is f'' at 0 for x**3, and for -x**4?",
        "ja": "f'' が負でなければ極小だとしています。x**3 や -x**4 では、0 での f'' はいくつですか。",
    },
)
def second_derivative_not_negative(coefficients, x):
    """Takes a second derivative of zero for that of a minimum."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    return "minimum" if np.polyval(np.polyder(slope), x) >= 0 else "maximum"


@wrong(
    fails=(FLAT,),
    hint={
        "en": "By how much does (x - 2)**4 + 7 change in a step of 1e-5, and how many digits has a float?",
        "ja": "1e-5 だけ動くと (x - 2)**4 + 7 はどれだけ変わりますか。浮動小数点数は何桁まで表せるでしょうか。",
    },
)
def compares_values_very_close_by(coefficients, x):
    """Compares f at 1e-5 to each side with f at the point: equal floats where the curve is flat."""
    if abs(np.polyval(np.polyder(np.array(coefficients)), x)) > 1e-6:
        raise ValueError("not critical")
    left, here, right = np.polyval(coefficients, [x - 1e-5, x, x + 1e-5])
    return "minimum" if left > here < right else "maximum" if left < here > right else "neither"


@wrong(
    fails=(KINDS, STEP, FLAT),
    hint={
        "en": "How far is the next critical point? What is the sign of the slope behind it?",
        "ja": "次の臨界点はどれだけ離れていますか。その先では、傾きの符号はどうなっているでしょうか。",
    },
)
def looks_too_far_away(coefficients, x):
    """Takes the signs of the slope one and a half units away, which may lie behind the next critical point."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    left, right = np.polyval(slope, [x - 1.5, x + 1.5])
    return "minimum" if left < 0 < right else "maximum" if left > 0 > right else "neither"


@wrong(
    fails=(KINDS,),
    hint={
        "en": "Must a minimum be the lowest point of all? Which values count for a local one?",
        "ja": "極小点は全体で最も低い点でなければなりませんか。極小かどうかは、どの範囲の値で決まりますか。",
    },
)
def lowest_and_highest_of_all(coefficients, x):
    """Calls only the lowest of the turning points a minimum and only the highest one a maximum."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    left, right = np.polyval(slope, [x - 0.5, x + 0.5])
    turning = [p for p in range(-9, 10) if np.prod(np.sign(np.polyval(slope, [p - 0.5, p + 0.5]))) < 0]
    values = np.polyval(coefficients, turning)
    here = np.polyval(coefficients, x)
    if left < 0 < right and here <= values.min():
        return "minimum"
    return "maximum" if left > 0 > right and here >= values.max() else "neither"


@wrong(
    fails=(STEP,),
    hint={
        "en": "Compare your string with those in the docstring: which of the three do you mean?",
        "ja": "返した文字列を docstring の三つの文字列と比べてみましょう。どれのつもりですか。",
    },
)
def another_word(coefficients, x):
    """Uses a word of its own where neither a minimum nor a maximum is meant."""
    slope = np.polyder(np.array(coefficients))
    if abs(np.polyval(slope, x)) > 1e-6:
        raise ValueError("not critical")
    left, right = np.polyval(slope, [x - 0.5, x + 0.5])
    return "minimum" if left < 0 < right else "maximum" if left > 0 > right else "inflection"


@wrong(
    fails=(REFUSES,),
    hint={
        "en": "Is the slope zero at this point? What should happen where it is not?",
        "ja": "この点で傾きは 0 ですか。0 でないとき、どうすることになっていますか。",
    },
)
def takes_any_point(coefficients, x):
    """Never asks whether the point is critical."""
    left, right = np.polyval(np.polyder(np.array(coefficients)), [x - 0.25, x + 0.25])
    return "minimum" if left < 0 < right else "maximum" if left > 0 > right else "neither"
