"""What students answer for the gradient of log-sum-exp of n numbers."""

import numpy as np

from nabla.checks import wrong

SIZES, SHIFT = "test_is_right_for_vectors_of_several_sizes", "test_does_not_change_when_all_numbers_grow_alike"
LARGE = "test_is_right_for_numbers_like_1000"


@wrong(
    fails=(LARGE,),
    hint={
        "en": (
            "What does the computer make of e to the power of 1000, and of -1000? "
            "What happens to the quotient if you subtract the same number from all entries?"
        ),
        "ja": "e の 1000 乗や -1000 乗は計算機ではどうなりますか。全成分から同じ数を引くと、商はどう変わりますか。",
    },
)
def exponentials_overflow(z):
    """The right formula as it stands: infinite over infinite for large numbers."""
    with np.errstate(all="ignore"):
        return np.exp(z) / np.sum(np.exp(z))


@wrong(
    fails=(SIZES, SHIFT, LARGE),
    hint={
        "en": "If all n numbers grow by 0.1, by how much does L grow? What is the sum of what you return?",
        "ja": "n 個の数をすべて 0.1 増やすと、L はどれだけ増えますか。返した成分の和はいくつですか。",
    },
)
def forgot_the_logarithm(z):
    """Returns e^z: not divided by the sum."""
    with np.errstate(all="ignore"):
        return np.exp(z)


@wrong(
    fails=(SIZES, SHIFT, LARGE),
    hint={
        "en": "Can a partial derivative of L be negative? What undoes the logarithm that you still have there?",
        "ja": "L の偏微分が負になることはありますか。まだ残っている対数を打ち消すには何をすればよいでしょうか。",
    },
)
def logarithm_of_the_result(z):
    """Returns z - L(z), the logarithm of the gradient (log-softmax)."""
    shifted = z - np.max(z)
    return shifted - np.log(np.sum(np.exp(shifted)))


@wrong(
    fails=(SIZES, SHIFT, LARGE),
    hint={
        "en": "By what do you divide? Look again at what stands inside the logarithm: is there a square, or a root?",
        "ja": "何で割っていますか。対数の中身をもう一度見てみましょう。二乗や根号はありますか。",
    },
)
def divides_by_the_length(z):
    """Makes a vector of length 1 from the exponentials, where their sum should be 1."""
    powers = np.exp(z - np.max(z))
    return powers / np.sqrt(np.sum(powers * powers))


@wrong(
    fails=(SIZES, SHIFT, LARGE),
    hint={
        "en": "You take the largest number out of the numerator. What about the denominator?",
        "ja": "分子からは最大の数をくくり出しています。分母はどうでしょうか。",
    },
)
def divides_by_the_largest(z):
    """Shifts by the largest number and thinks that this normalises."""
    return np.exp(z - np.max(z))


@wrong(
    fails=("test_leaves_its_argument_as_it_is",),
    hint={
        "en": (
            "From whose numbers do you subtract with `-=`? Print z before and after the call: is it still the same?"
        ),
        "ja": "`-=` で引いているのは誰の数ですか。呼び出しの前後で z を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def shifts_in_place(z):
    """Subtracts the largest number from the caller's own array."""
    z -= np.max(z)
    powers = np.exp(z)
    return powers / np.sum(powers)


@wrong(
    fails=(LARGE,),
    hint={
        "en": "You subtract the mean. How far above the mean can the largest number be?",
        "ja": "平均を引いています。最大の数は平均よりどれだけ大きくなりうるでしょうか。",
    },
)
def takes_out_the_mean(z):
    """Shifts by the mean: exponents far above 0 remain."""
    with np.errstate(all="ignore"):
        powers = np.exp(z - np.mean(z))
        return powers / np.sum(powers)


@wrong(
    fails=(LARGE,),
    hint={
        "en": "Are 999 and 1000 still different after you cut off at 700? What could you subtract from all instead?",
        "ja": "700 で打ち切ったあと、999 と 1000 を区別できますか。代わりに、全体から何を引けばよいでしょうか。",
    },
)
def clamps_the_exponents(z):
    """Cuts the numbers off at -700 and 700, so that no exponential overflows."""
    powers = np.exp(np.clip(z, -700, 700))
    return powers / np.sum(powers)


@wrong(
    fails=(SIZES, SHIFT, LARGE),
    hint={
        "en": "Does L ignore all numbers but the largest? What does moving the second largest do to the sum inside?",
        "ja": "L は最大の数以外にまったく反応しませんか。二番目に大きい数を動かすと、対数の中の和はどう変わりますか。",
    },
)
def only_the_largest(z):
    """Differentiates the maximum: 1 for the largest number, shared where several are, 0 elsewhere."""
    largest = z == np.max(z)
    return largest / np.sum(largest)
