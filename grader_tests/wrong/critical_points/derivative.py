"""What students answer for the derivative of a polynomial, given by its coefficients."""

import numpy as np

from nabla.checks import wrong

DEGREES, PLACES = "test_is_right_for_polynomials_of_several_degrees", "test_keeps_every_power_in_its_place"
LINES, ZEROS = "test_is_right_for_lines_and_constants", "test_does_not_mind_leading_zeros"


@wrong(
    fails=(DEGREES, PLACES, LINES, ZEROS),
    hint={
        "en": "Which power of x belongs to the first number in the list? What would [2, 5] be: 2x + 5, or 2 + 5x?",
        "ja": "リストの最初の数は x の何乗の係数ですか。[2, 5] は 2x + 5 でしょうか、それとも 2 + 5x でしょうか。",
    },
)
def lowest_power_first(coefficients):
    """Takes the list for one that begins with the constant."""
    if len(coefficients) == 1:
        return np.zeros(1)
    return np.arange(1, len(coefficients)) * np.array(coefficients[1:], dtype=float)


@wrong(
    fails=(DEGREES, PLACES, ZEROS),
    hint={
        "en": "The numbers are right, but in which order does the exercise want them? Where is the highest power?",
        "ja": "数は合っています。では、問題文ではどの順に並べることになっていますか。最高次の係数はどこですか。",
    },
)
def returned_in_reverse(coefficients):
    """Returns the right numbers with the lowest power first."""
    if len(coefficients) == 1:
        return np.zeros(1)
    return (np.arange(len(coefficients) - 1, 0, -1) * np.array(coefficients[:-1], dtype=float))[::-1]


@wrong(
    fails=(DEGREES, PLACES, LINES, ZEROS),
    hint={
        "en": "How fast does a constant change? What is left of the last number in the list?",
        "ja": "定数はどれだけ変化しますか。リストの最後の数は、微分すると何になりますか。",
    },
)
def constant_kept(coefficients):
    """Leaves the constant at the end of the list."""
    n = len(coefficients)
    powers = np.maximum(np.arange(n - 1, -1, -1), 1)
    return powers * np.array(coefficients, dtype=float)


@wrong(
    fails=(DEGREES, PLACES, LINES, ZEROS),
    hint={
        "en": "The factors are right. Which power does each number of your list stand for, and which should it?",
        "ja": "係数は合っています。返したリストのそれぞれの数は何乗の係数ですか。本来は何乗のはずでしょうか。",
    },
)
def powers_not_lowered(coefficients):
    """Multiplies by the power and leaves it as it is: x times the derivative."""
    n = len(coefficients)
    return np.arange(n - 1, -1, -1) * np.array(coefficients, dtype=float)


@wrong(
    fails=(DEGREES, PLACES, LINES, ZEROS),
    hint={
        "en": "Is x**3 differentiated to 3x**2 or to 2x**2? Is the factor the old power or the new one?",
        "ja": "x**3 を微分すると 3x**2 ですか、2x**2 ですか。掛けるのは元の次数ですか、下げた次数ですか。",
    },
)
def factor_from_the_new_power(coefficients):
    """Lowers the power first and multiplies by what is left of it."""
    if len(coefficients) == 1:
        return np.zeros(1)
    return np.arange(len(coefficients) - 2, -1, -1) * np.array(coefficients[:-1], dtype=float)


@wrong(
    fails=(DEGREES, PLACES, ZEROS),
    hint={
        "en": "You have lowered every power. What comes down in front of it as a factor?",
        "ja": "次数は下がっています。では、係数には何が掛かりますか。",
    },
)
def only_lowers_the_powers(coefficients):
    """Drops the constant and forgets the factors."""
    if len(coefficients) == 1:
        return np.zeros(1)
    return np.array(coefficients[:-1], dtype=float)


@wrong(
    fails=(DEGREES, PLACES, LINES, ZEROS),
    hint={
        "en": "Differentiate your result: does anything smaller come out, or the polynomial you began with?",
        "ja": "返した結果を微分してみましょう。次数の低い式になりますか、それとも元の多項式に戻りますか。",
    },
)
def integrates(coefficients):
    """Goes the other way: divides by the new power and appends a constant."""
    n = len(coefficients)
    return np.append(np.array(coefficients, dtype=float) / np.arange(n, 0, -1), 0.0)


@wrong(
    fails=(PLACES,),
    hint={
        "en": "A list tells powers by places. If a zero is dropped, which power does the next number stand for?",
        "ja": "リストでは位置が次数を表します。0 を取り除くと、次の数は何乗の係数になってしまいますか。",
    },
)
def drops_zeros(coefficients):
    """Leaves out terms whose coefficient is zero."""
    n = len(coefficients)
    terms = [c * (n - 1 - place) for place, c in enumerate(coefficients[:-1]) if c != 0]
    return np.array(terms or [0.0])


@wrong(
    fails=(LINES,),
    hint={
        "en": "What is the shape of your result for [7]? How does the exercise write the polynomial 0?",
        "ja": "[7] に対する結果の形はどうなっていますか。問題文では、多項式 0 をどのように書きますか。",
    },
)
def nothing_for_a_constant(coefficients):
    """Returns an empty array for a constant, as np.polyder does."""
    return np.arange(len(coefficients) - 1, 0, -1) * np.array(coefficients[:-1], dtype=float)
