"""What students answer for the direction of steepest descent.

Order matters: zeros fit several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

SIZES = "test_is_right_for_vectors_of_several_sizes"
STEEP = "test_does_not_depend_on_how_steep_it_is"
ZEROS = "test_is_right_where_entries_are_zero_or_add_up_to_zero"
REFUSES = "test_refuses_a_zero_gradient"
KEPT = "test_leaves_its_argument_as_it_is"
DIRECTIONS = (SIZES, STEEP, ZEROS)


@wrong(
    fails=(REFUSES,),
    hint={
        "en": "How long is the zero vector? Can it be a direction, and what does the exercise ask for there?",
        "ja": "零ベクトルの長さはいくつですか。方向といえるでしょうか。そこで問題文は何を求めていますか。",
    },
)
def zero_for_a_zero_gradient(gradient):
    """Answers with the zero vector where there is no direction."""
    return -gradient / np.linalg.norm(gradient) if gradient.any() else 0 * gradient


@wrong(
    fails=DIRECTIONS,
    hint={
        "en": "Take a small step along your result: does the loss rise or fall?",
        "ja": "返した方向に小さく一歩進むと、損失は増えますか、減りますか。",
    },
)
def uphill(gradient):
    """Returns the direction of steepest ascent."""
    if not gradient.any():
        raise ValueError("no direction")
    return gradient / np.linalg.norm(gradient)


@wrong(
    fails=(*DIRECTIONS, REFUSES),
    hint={
        "en": "How long is the vector that you return? How long is a direction here?",
        "ja": "返したベクトルの長さはいくつですか。ここでは、方向を表すベクトルの長さはいくつでしょうか。",
    },
)
def not_a_unit_vector(gradient):
    """Returns the negative gradient as it is."""
    return -gradient


@wrong(
    fails=(*DIRECTIONS, REFUSES),
    hint={
        "en": "Let one weight matter ten times as much as the other. Does your direction notice?",
        "ja": "一方の重みがもう一方の 10 倍も損失に効くとします。返した方向はその違いを反映していますか。",
    },
)
def signs(gradient):
    """Goes equally far along each axis: steepest for another measure of length."""
    return -np.sign(gradient)


@wrong(
    fails=DIRECTIONS,
    hint={
        "en": "You move one weight only. Would moving a second one, too, lower the loss faster at the same length?",
        "ja": "動かしている重みは一つだけです。同じ長さで別の重みも動かすと、損失はもっと速く減りませんか。",
    },
)
def steepest_axis(gradient):
    """Moves the weight with the largest partial derivative alone."""
    if not gradient.any():
        raise ValueError("no direction")
    k = np.argmax(np.abs(gradient))
    return -np.sign(gradient[k]) * np.eye(len(gradient))[k]


@wrong(
    fails=DIRECTIONS,
    hint={
        "en": "By what do you divide: by the length of the gradient, or by its square?",
        "ja": "何で割っていますか。勾配の長さですか、それとも長さの二乗ですか。",
    },
)
def divides_by_the_square(gradient):
    """Forgets the root of the length."""
    if not gradient.any():
        raise ValueError("no direction")
    return -gradient / np.sum(gradient * gradient)


@wrong(
    fails=DIRECTIONS,
    hint={
        "en": "How is the length of a vector measured here: by the sum of the absolute values, or otherwise?",
        "ja": "ここではベクトルの長さをどのように測りますか。絶対値の和でしょうか。",
    },
)
def divides_by_the_sum(gradient):
    """Divides by the sum of absolute values, the 1-norm."""
    if not gradient.any():
        raise ValueError("no direction")
    return -gradient / np.sum(np.abs(gradient))


@wrong(
    fails=(*DIRECTIONS, REFUSES),
    hint={
        "en": "In Python `len` counts the entries of a vector. Which length does the formula mean?",
        "ja": "Python の `len` は成分の個数を数えます。式の中の「長さ」は何を指していますか。",
    },
)
def divides_by_the_number_of_entries(gradient):
    """Takes `len(gradient)` for the gradient's length."""
    return -gradient / len(gradient)


@wrong(
    fails=DIRECTIONS,
    hint={
        "en": "Your largest entry is 1 or -1. Is the whole vector then of length 1?",
        "ja": "最大の成分は 1 または -1 です。そのとき、ベクトル全体の長さは 1 になりますか。",
    },
)
def divides_by_the_largest(gradient):
    """Divides by the largest absolute value."""
    if not gradient.any():
        raise ValueError("no direction")
    return -gradient / np.max(np.abs(gradient))


@wrong(
    fails=(REFUSES,),
    hint={
        "en": "What is 0 divided by 0 on a computer? What does the exercise ask for instead?",
        "ja": "計算機では 0 を 0 で割ると何になりますか。その代わりに、問題文は何を求めていますか。",
    },
)
def nan_for_a_zero_gradient(gradient):
    """Divides 0 by 0 where there is no direction."""
    with np.errstate(all="ignore"):
        return -gradient / np.sqrt(np.sum(gradient * gradient))


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (0, 3) the zero vector? Which entries must be zero for a ValueError?",
        "ja": "(0, 3) は零ベクトルですか。ValueError を送出するのは、どの成分が 0 のときですか。",
    },
)
def refuses_a_zero_entry(gradient):
    """Takes a vector with one zero entry for the zero vector: any where all is meant."""
    if (gradient == 0).any():
        raise ValueError("no direction")
    return -gradient / np.linalg.norm(gradient)


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (1, -1) the zero vector? What does the sum of the entries say about that?",
        "ja": "(1, -1) は零ベクトルですか。成分の和から、それがわかりますか。",
    },
)
def refuses_a_zero_sum(gradient):
    """Tests the sum of the entries, which is also zero where they cancel."""
    if np.sum(gradient) == 0:
        raise ValueError("no direction")
    return -gradient / np.linalg.norm(gradient)


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose vector do you divide with `/=`? Print it before and after the call: is it still the same?",
        "ja": "`/=` で割っているのは誰のベクトルですか。呼び出しの前後で表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def normalises_in_place(gradient):
    """Divides the caller's own vector in place."""
    if not gradient.any():
        raise ValueError("no direction")
    gradient /= np.linalg.norm(gradient)
    return -gradient
