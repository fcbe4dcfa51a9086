"""What students answer for the first-order approximation."""

import numpy as np

from nabla.checks import wrong

SIZES = "test_is_right_for_vectors_of_several_sizes"
ONE = "test_is_right_when_one_weight_moves_or_none"
KEPT = "test_leaves_its_arguments_as_they_are"


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "How many numbers do you return? What does the dot product do with the products of the entries?",
        "ja": "返した数はいくつありますか。内積では、成分どうしの積をどうしますか。",
    },
)
def products_not_summed(value, gradient, epsilon):
    """Multiplies entry by entry and stops there."""
    return value + epsilon * gradient


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "What do you return if nothing moves? What should the approximation be then?",
        "ja": "どの重みも動かないとき、何を返していますか。そのときの近似値はいくつであるべきでしょうか。",
    },
)
def value_left_out(value, gradient, epsilon):
    """Returns the change alone."""
    return epsilon @ gradient


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "If a weight grows and its partial derivative is positive, does the value rise? Does yours?",
        "ja": "偏微分が正の重みを増やすと、値は増えますか、減りますか。返した結果ではどうですか。",
    },
)
def steps_the_other_way(value, gradient, epsilon):
    """Subtracts, as a descent step would."""
    return value - epsilon @ gradient


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "If only the first weight moves, does the second partial derivative matter? Does it in your result?",
        "ja": "一番目の重みだけが動くとき、二番目の偏微分は関係しますか。返した結果ではどうですか。",
    },
)
def product_of_the_sums(value, gradient, epsilon):
    """Adds up both vectors before multiplying."""
    return value + np.sum(epsilon) * np.sum(gradient)


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "Two weights move and each adds 0.1. Does the value change by 0.1 or by 0.2?",
        "ja": "二つの重みが動き、それぞれが値を 0.1 ずつ増やします。値の変化は 0.1 ですか、0.2 ですか。",
    },
)
def mean_of_the_products(value, gradient, epsilon):
    """Takes the mean of the contributions, not their sum."""
    return value + np.mean(epsilon * gradient)


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "Does your result depend on the direction of the step? Should it?",
        "ja": "返した結果は動く方向によって変わりますか。変わるべきでしょうか。",
    },
)
def product_of_the_lengths(value, gradient, epsilon):
    """Forgets the angle between step and gradient."""
    return value + np.linalg.norm(epsilon) * np.linalg.norm(gradient)


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "Is the dot product a change of the value, or a percentage of it?",
        "ja": "内積が表すのは値の変化量ですか。それとも値に対する割合ですか。",
    },
)
def relative_change(value, gradient, epsilon):
    """Takes the dot product for a relative change."""
    return value * (1 + epsilon @ gradient)


@wrong(
    fails=(SIZES, ONE),
    hint={
        "en": "The number is right. What is its shape, and what is the shape of a number?",
        "ja": "数は合っています。その形は何ですか。数の形は何でしょうか。",
    },
)
def vector_with_one_entry(value, gradient, epsilon):
    """Keeps an axis, as the chapter's code does: shape (1,)."""
    return value + np.array([epsilon @ gradient])


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose number does `+=` change? Print value before and after the call: is it still the same?",
        "ja": "`+=` で変わるのは誰の数ですか。呼び出しの前後で value を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def adds_in_place(value, gradient, epsilon):
    """Adds the change to the caller's own value."""
    value += epsilon @ gradient
    return value
