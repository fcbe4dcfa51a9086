"""What students answer for f(x, x) with f(x, y) = x^2 y + x y^2."""

import numpy as np

from nabla.checks import wrong

SIGNS, ENTRIES = "test_is_right_for_numbers_of_both_signs", "test_has_a_value_for_each_entry"


@wrong(
    fails=(SIGNS, ENTRIES),
    hint={
        "en": "How many terms has f, and how many of them are left in your answer?",
        "ja": "f には項がいくつありますか。答えにはそのうちいくつが残っていますか。",
    },
)
def one_term_only(x):
    """Puts y = x into one of the two terms: x^3."""
    return x**3


@wrong(
    fails=(SIGNS, ENTRIES),
    hint={
        "en": "Which power does x times x times x give? What does f(-1, -1) come to by hand?",
        "ja": "x を三回掛けると何乗になりますか。f(-1, -1) を手で計算するといくつですか。",
    },
)
def wrong_power(x):
    """Counts two factors where there are three: 2x^2."""
    return 2 * x**2


@wrong(
    fails=(SIGNS, ENTRIES),
    hint={
        "en": "Is the value of f on the diagonal asked for, or how fast it changes there?",
        "ja": "求められているのは対角線上での f の値ですか、それともその変化の速さですか。",
    },
)
def differentiates_too(x):
    """Returns the derivative 6x^2 of the right answer."""
    return 6 * x**2


@wrong(
    fails=(SIGNS,),
    hint={
        "en": "What is f(-1, -1)? What happens to the sign of a product of three negative numbers?",
        "ja": "f(-1, -1) はいくつですか。負の数を三つ掛けると符号はどうなりますか。",
    },
)
def loses_the_sign(x):
    """Returns 2|x|^3."""
    return 2 * np.abs(x) ** 3


@wrong(
    fails=(SIGNS, ENTRIES),
    hint={
        "en": "Are the two terms multiplied with each other, or added?",
        "ja": "二つの項は掛け合わせるのですか、それとも足すのですか。",
    },
)
def multiplies_the_terms(x):
    """Multiplies the two terms: x^6."""
    return x**6
