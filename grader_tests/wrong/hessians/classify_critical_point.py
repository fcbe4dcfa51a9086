"""What students answer about a critical point, given its Hessian.

Order matters: one word fits several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

LAW, ZERO = "test_tells_minima_maxima_and_saddles_apart", "test_knows_what_to_say_where_eigenvalues_are_zero"
UNIT, TEXT = "test_does_not_depend_on_the_unit", "test_counts_as_zero_what_the_text_says"


@wrong(
    fails=(UNIT,),
    hint={
        "en": "Measure the same function in another unit: all eigenvalues are 1e-12 as large. Is your answer the same?",
        "ja": "同じ関数を別の単位で測ると、固有値がすべて 1e-12 倍になります。答えは同じですか。",
    },
)
def absolute_tolerance(hessian):
    """Compares the eigenvalues with 1e-8 itself."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, down = eigenvalues > 1e-8, eigenvalues < -1e-8
    if np.any(up) and np.any(down):
        return "saddle"
    if np.all(up):
        return "minimum"
    return "maximum" if np.all(down) else "inconclusive"


@wrong(
    fails=(ZERO,),
    hint={
        "en": "With the eigenvalues 1, -1 and 0 the value rises one way and falls another. Can the 0 change that?",
        "ja": "固有値が 1、-1、0 のとき、値が増える方向と減る方向があります。0 があることで、それが変わりますか。",
    },
)
def any_zero_is_inconclusive(hessian):
    """Gives up at the first zero, although both signs are there."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = 1e-8 * np.max(np.abs(eigenvalues))
    if np.any(np.abs(eigenvalues) <= zero):
        return "inconclusive"
    if np.all(eigenvalues > 0):
        return "minimum"
    return "maximum" if np.all(eigenvalues < 0) else "saddle"


@wrong(
    fails=(ZERO, UNIT, TEXT),
    hint={
        "en": "Both x² + y⁴ and x² - y⁴ have the eigenvalues 2 and 0 at the origin. Can your answer be right for both?",
        "ja": "x² + y⁴ も x² - y⁴ も、原点での固有値は 2 と 0 です。その答えは両方に当てはまりますか。",
    },
)
def zeros_ignored(hessian):
    """Looks at the eigenvalues that are not zero, and calls a valley a minimum."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    rest = eigenvalues[np.abs(eigenvalues) > 1e-8 * np.max(np.abs(eigenvalues))]
    if len(rest) == 0:
        return "inconclusive"
    if np.all(rest > 0):
        return "minimum"
    return "maximum" if np.all(rest < 0) else "saddle"


@wrong(
    fails=(ZERO, UNIT, TEXT),
    hint={
        "en": "If it is neither a minimum nor a maximum, must it be a saddle? What if an eigenvalue is zero?",
        "ja": "極小点でも極大点でもなければ、必ず鞍点でしょうか。固有値の一つが 0 のときはどうですか。",
    },
)
def otherwise_saddle(hessian):
    """Calls everything a saddle that is not definite."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = 1e-8 * np.max(np.abs(eigenvalues))
    if np.all(eigenvalues > zero):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -zero) else "saddle"


@wrong(
    fails=(LAW, ZERO, UNIT, TEXT),
    hint={
        "en": "If the value rises in every direction, are you on a hill or in a hollow?",
        "ja": "どの方向に進んでも値が増えるなら、そこは山の頂上ですか、谷の底ですか。",
    },
)
def swapped(hessian):
    """Calls a positive definite Hessian a maximum."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = 1e-8 * np.max(np.abs(eigenvalues))
    if np.any(eigenvalues > zero) and np.any(eigenvalues < -zero):
        return "saddle"
    if np.all(eigenvalues > zero):
        return "maximum"
    return "minimum" if np.all(eigenvalues < -zero) else "inconclusive"


@wrong(
    fails=(LAW, ZERO),
    hint={
        "en": (
            "The rule with determinant and first entry is made for two variables. "
            "What is the determinant of -1 times the identity, for three?"
        ),
        "ja": (
            "行列式と第 1 成分を使う規則は、変数が二つのときのものです。"
            "変数が三つのとき、単位行列の -1 倍の行列式はいくつですか。"
        ),
    },
)
def rule_for_two_variables(hessian):
    """Uses determinant and first entry, whatever n is."""
    determinant, first = np.linalg.det(hessian), hessian[0, 0]
    size = np.max(np.abs(hessian))
    if size == 0 or abs(determinant) <= 1e-8 * size ** len(hessian):
        return "inconclusive"
    if determinant < 0:
        return "saddle"
    return "minimum" if first > 0 else "maximum"


@wrong(
    fails=(LAW, ZERO, UNIT, TEXT),
    hint={
        "en": "The trace is the sum of the eigenvalues. Can it tell 5 and -1 from 3 and 1?",
        "ja": "トレースは固有値の和です。和から、5 と -1 の場合と 3 と 1 の場合を区別できますか。",
    },
)
def sign_of_the_trace(hessian):
    """Looks at the sum of the eigenvalues."""
    trace = np.trace(hessian)
    if trace == 0:
        return "inconclusive"
    return "minimum" if trace > 0 else "maximum"


@wrong(
    fails=(LAW, ZERO, UNIT),
    hint={
        "en": (
            "The diagonal tells how f curves along the axes. "
            "Could it curve the other way along a direction between two axes?"
        ),
        "ja": "対角成分は座標軸に沿った曲がり方を表します。軸と軸の間の方向で逆に曲がることはありませんか。",
    },
)
def signs_of_the_diagonal(hessian):
    """Looks at the axes only."""
    diagonal = np.diag(hessian)
    zero = 1e-8 * np.max(np.abs(diagonal))
    if np.any(diagonal > zero) and np.any(diagonal < -zero):
        return "saddle"
    if np.all(diagonal > zero):
        return "minimum"
    return "maximum" if np.all(diagonal < -zero) else "inconclusive"


@wrong(
    fails=(LAW, ZERO, UNIT, TEXT),
    hint={
        "en": "A matrix that is not positive definite need not be negative definite. What else can it be?",
        "ja": "正定値でない行列が、負定値であるとは限りません。ほかにどのような場合がありますか。",
    },
)
def minors_or_maximum(hessian):
    """Tests the leading minors for a minimum, and calls all the rest a maximum."""
    minors = [np.linalg.det(hessian[:size, :size]) for size in range(1, len(hessian) + 1)]
    return "minimum" if min(minors) > 0 else "maximum"


@wrong(
    fails=(LAW, ZERO, UNIT, TEXT),
    hint={
        "en": "Compare your string with those in the docstring, letter by letter: which of them do you mean?",
        "ja": "返した文字列を docstring の文字列と一文字ずつ比べてみましょう。どれのつもりですか。",
    },
)
def saddle_point(hessian):
    """Says "saddle point" for "saddle"."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    zero = 1e-8 * np.max(np.abs(eigenvalues))
    if np.any(eigenvalues > zero) and np.any(eigenvalues < -zero):
        return "saddle point"
    if np.all(eigenvalues > zero):
        return "minimum"
    return "maximum" if np.all(eigenvalues < -zero) else "inconclusive"


@wrong(
    fails=(ZERO, UNIT, TEXT),
    hint={
        "en": "Is an eigenvalue of 1e-17 positive, or a zero that was rounded? What does the exercise say?",
        "ja": "1e-17 という固有値は正でしょうか、それとも丸められた 0 でしょうか。問題文ではどう扱いますか。",
    },
)
def no_tolerance(hessian):
    """Takes the signs of the eigenvalues as they come."""
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.any(eigenvalues > 0) and np.any(eigenvalues < 0):
        return "saddle"
    if np.all(eigenvalues > 0):
        return "minimum"
    return "maximum" if np.all(eigenvalues < 0) else "inconclusive"
