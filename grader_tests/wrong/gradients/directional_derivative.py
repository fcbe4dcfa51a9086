"""What students answer for the slope in a direction.

Order matters: zeros fit several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

SIZES = "test_is_right_for_vectors_of_several_sizes"
LENGTH = "test_does_not_depend_on_how_long_v_is"
ZEROS = "test_is_right_where_entries_are_zero_or_add_up_to_zero"
REFUSES = "test_refuses_a_zero_v"
KEPT = "test_leaves_its_arguments_as_they_are"
SLOPES = (SIZES, LENGTH, ZEROS)


@wrong(
    fails=(REFUSES,),
    hint={
        "en": "In which direction does the zero vector point? What does the exercise ask for there?",
        "ja": "零ベクトルはどの方向を指していますか。そのとき、問題文は何を求めていますか。",
    },
)
def zero_for_a_zero_v(gradient, v):
    """Answers 0 where there is no direction."""
    length = np.linalg.norm(v)
    return gradient @ v / length if length > 0 else 0.0


@wrong(
    fails=(*SLOPES, REFUSES),
    hint={
        "en": "Some other books define it so. If v is made twice as long, does the hill get steeper? And your result?",
        "ja": "このように定義する本もあります。v を 2 倍に伸ばすと、坂は急になりますか。返した値はどうなりますか。",
    },
)
def forgot_to_normalise(gradient, v):
    """Takes v as it is, as other books do."""
    return gradient @ v


@wrong(
    fails=(*SLOPES, REFUSES),
    hint={
        "en": "Which of the two vectors says only where to go? Which one's length carries information?",
        "ja": "二つのベクトルのうち、方向だけを表すのはどちらですか。長さに意味があるのはどちらですか。",
    },
)
def normalises_the_gradient(gradient, v):
    """Divides by the wrong vector's length."""
    with np.errstate(all="ignore"):
        return gradient @ v / np.linalg.norm(gradient)


@wrong(
    fails=SLOPES,
    hint={
        "en": "Your result lies between -1 and 1. Can a hill not be steeper than that?",
        "ja": "返した値は -1 と 1 の間にあります。坂がそれより急になることはありませんか。",
    },
)
def cosine(gradient, v):
    """Divides by both lengths: the cosine of the angle."""
    if not v.any():
        raise ValueError("no direction")
    with np.errstate(all="ignore"):
        return gradient @ v / np.linalg.norm(gradient) / np.linalg.norm(v)


@wrong(
    fails=SLOPES,
    hint={
        "en": "By what do you divide: by the length of v, or by its square?",
        "ja": "何で割っていますか。v の長さですか、それとも長さの二乗ですか。",
    },
)
def divides_by_the_square(gradient, v):
    """Forgets the root of the length."""
    if not v.any():
        raise ValueError("no direction")
    return gradient @ v / (v @ v)


@wrong(
    fails=SLOPES,
    hint={
        "en": "How is the length of v measured here: by the sum of the absolute values, or otherwise?",
        "ja": "ここでは v の長さをどのように測りますか。絶対値の和でしょうか。",
    },
)
def divides_by_the_sum(gradient, v):
    """Divides by the sum of absolute values, the 1-norm."""
    if not v.any():
        raise ValueError("no direction")
    return gradient @ v / np.sum(np.abs(v))


@wrong(
    fails=(*SLOPES, REFUSES),
    hint={
        "en": "In Python `len(v)` counts the entries. Does this number change if v is made twice as long?",
        "ja": "Python の `len(v)` は成分の個数です。v を 2 倍に伸ばすと、この数は変わりますか。",
    },
)
def divides_by_the_number_of_entries(gradient, v):
    """Takes `len(v)` for the length of v."""
    return gradient @ v / len(v)


@wrong(
    fails=SLOPES,
    hint={
        "en": "How many slopes are there in one direction, and how many numbers do you return?",
        "ja": "一つの方向に、傾きはいくつありますか。返した数はいくつですか。",
    },
)
def products_not_summed(gradient, v):
    """Multiplies entry by entry and stops there."""
    if not v.any():
        raise ValueError("no direction")
    return gradient * v / np.linalg.norm(v)


@wrong(
    fails=SLOPES,
    hint={
        "en": "Turn round and walk the other way. What happens to the slope, and what to your result?",
        "ja": "回れ右をして反対向きに歩いてみましょう。傾きはどう変わりますか。返した値はどうですか。",
    },
)
def sign_cut_off(gradient, v):
    """Returns the size of the slope only."""
    if not v.any():
        raise ValueError("no direction")
    return abs(gradient @ v) / np.linalg.norm(v)


@wrong(
    fails=(REFUSES,),
    hint={
        "en": "What is 0 divided by 0 on a computer? What does the exercise ask for instead?",
        "ja": "計算機では 0 を 0 で割ると何になりますか。その代わりに、問題文は何を求めていますか。",
    },
)
def nan_for_a_zero_v(gradient, v):
    """Divides 0 by 0 where there is no direction."""
    with np.errstate(all="ignore"):
        return gradient @ v / np.sqrt(np.sum(v * v))


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (0, 3) the zero vector? Which entries must be zero for a ValueError?",
        "ja": "(0, 3) は零ベクトルですか。ValueError を送出するのは、どの成分が 0 のときですか。",
    },
)
def refuses_a_zero_entry(gradient, v):
    """Takes a vector with one zero entry for the zero vector: any where all is meant."""
    if (v == 0).any():
        raise ValueError("no direction")
    return gradient @ v / np.linalg.norm(v)


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (1, -1) the zero vector? What does the sum of the entries say about that?",
        "ja": "(1, -1) は零ベクトルですか。成分の和から、それがわかりますか。",
    },
)
def refuses_a_zero_sum(gradient, v):
    """Tests the sum of the entries, which is also zero where they cancel."""
    if np.sum(v) == 0:
        raise ValueError("no direction")
    return gradient @ v / np.linalg.norm(v)


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "On level ground each direction is allowed. What is the slope there?",
        "ja": "平らな地面では、どの方向にも進めます。そこでの傾きはいくつですか。",
    },
)
def refuses_a_zero_gradient(gradient, v):
    """Raises where the ground is level, too."""
    if not v.any() or not gradient.any():
        raise ValueError("no direction")
    return gradient @ v / np.linalg.norm(v)


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose vector do you divide with `/=`? Print v before and after the call: is it still the same?",
        "ja": "`/=` で割っているのは誰のベクトルですか。呼び出しの前後で v を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def normalises_in_place(gradient, v):
    """Divides the caller's own vector in place."""
    if not v.any():
        raise ValueError("no direction")
    v /= np.linalg.norm(v)
    return gradient @ v
