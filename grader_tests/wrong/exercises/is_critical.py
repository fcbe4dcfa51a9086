"""What students answer when asked whether the gradients of g and h at a point make it critical for g + h.

Order matters: a yes or no fits several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

LAW, LENGTHS = "test_tells_forces_that_cancel_from_others", "test_notices_when_one_force_is_longer"
UNIT, ZERO = "test_does_not_depend_on_the_unit", "test_knows_what_to_say_where_gradients_are_zero"
TOLERANCE = "test_uses_the_tolerance_that_it_is_given"


@wrong(
    fails=(TOLERANCE,),
    hint={
        "en": "The caller can ask for a wider or a narrower tolerance. Where does your code use it?",
        "ja": "呼び出す側は、広い許容誤差も狭い許容誤差も指定できます。コードのどこでそれを使っていますか。",
    },
)
def ignores_rtol(grad_g, grad_h, rtol=1e-6):
    """Writes 1e-6 into the code."""
    longest = max(np.sqrt(np.sum(grad_g**2)), np.sqrt(np.sum(grad_h**2)))
    return bool(np.sqrt(np.sum((grad_g + grad_h) ** 2)) <= 1e-6 * longest)


@wrong(
    fails=(UNIT, TOLERANCE),
    hint={
        "en": "Are two floats that should be opposite always so to the last digit? What is rtol for?",
        "ja": (
            "反対の符号になるはずの二つの浮動小数点数は、いつも最後の桁まで一致しますか。rtol は何のためにありますか。"
        ),
    },
)
def exactly_opposite(grad_g, grad_h, rtol=1e-6):
    """Demands equality to the last bit."""
    return bool(np.all(grad_g == -grad_h))


@wrong(
    fails=(ZERO,),
    hint={
        "en": (
            "By what do you divide where both gradients are zero? "
            "How could the comparison be written without a division?"
        ),
        "ja": (
            "二つの勾配がどちらも 0 のとき、何で割っていますか。割り算を使わずに比べるにはどう書けばよいでしょうか。"
        ),
    },
)
def divides_by_zero(grad_g, grad_h, rtol=1e-6):
    """Divides by the larger length; where both are zero, nan compares as False."""
    longest = max(np.sqrt(np.sum(grad_g**2)), np.sqrt(np.sum(grad_h**2)))
    with np.errstate(all="ignore"):
        return bool(np.sqrt(np.sum((grad_g + grad_h) ** 2)) / longest <= rtol)


@wrong(
    fails=(LAW, LENGTHS, UNIT, TOLERANCE),
    hint={
        "en": "Must each of the two gradients be zero, so that their sum is?",
        "ja": "和が 0 になるためには、二つの勾配がそれぞれ 0 でなければなりませんか。",
    },
)
def only_where_both_are_zero(grad_g, grad_h, rtol=1e-6):
    """Demands that each of the two functions has a critical point of its own."""
    return bool(not np.any(grad_g) and not np.any(grad_h))


@wrong(
    fails=(LAW, LENGTHS, UNIT, TOLERANCE),
    hint={
        "en": (
            "Two people pull at the same point with the same force in the same direction. Does it stay where it is?"
        ),
        "ja": "二人が同じ点を、同じ方向に同じ力で引っ張っています。点は動かずにいるでしょうか。",
    },
)
def equal_gradients(grad_g, grad_h, rtol=1e-6):
    """Asks whether the gradients are equal."""
    apart = np.sqrt(np.sum((grad_g - grad_h) ** 2))
    return bool(apart <= rtol * max(np.sqrt(np.sum(grad_g**2)), np.sqrt(np.sum(grad_h**2))))


@wrong(
    fails=(LAW, LENGTHS, UNIT, ZERO, TOLERANCE),
    hint={
        "en": "At a right angle, neither force has any effect on the other. Can they cancel?",
        "ja": "直角に働く二つの力は、互いに影響しません。打ち消し合うことはできるでしょうか。",
    },
)
def right_angle(grad_g, grad_h, rtol=1e-6):
    """Asks whether the gradients are perpendicular."""
    lengths = np.sqrt(np.sum(grad_g**2) * np.sum(grad_h**2))
    return bool(abs(np.sum(grad_g * grad_h)) <= rtol * lengths)


@wrong(
    fails=(LENGTHS, ZERO, TOLERANCE),
    hint={
        "en": (
            "One person pulls to the left with force 2, another to the right with force 1. "
            "Is it enough that they pull against each other?"
        ),
        "ja": "一人は左へ 2 の力で、もう一人は右へ 1 の力で引っ張っています。向きが反対であれば十分でしょうか。",
    },
)
def opposite_directions_only(grad_g, grad_h, rtol=1e-6):
    """Asks for the cosine -1 and forgets the lengths."""
    with np.errstate(all="ignore"):
        cosine = np.sum(grad_g * grad_h) / np.sqrt(np.sum(grad_g**2) * np.sum(grad_h**2))
        return bool(cosine <= -1 + rtol)


@wrong(
    fails=(UNIT,),
    hint={
        "en": (
            "Measure in millimetres, then in kilometres: is your answer the same? "
            "With what does the exercise compare the length of the sum?"
        ),
        "ja": (
            "ミリメートルで測っても、キロメートルで測っても答えは同じですか。問題文では、和の長さを何と比べていますか。"
        ),
    },
)
def absolute_tolerance(grad_g, grad_h, rtol=1e-6):
    """Compares the length of the sum with the tolerance itself."""
    return bool(np.sqrt(np.sum((grad_g + grad_h) ** 2)) <= rtol)


@wrong(
    fails=(LAW,),
    hint={
        "en": "Can the entries of a vector add up to zero although the vector is not zero?",
        "ja": "零ベクトルでなくても、その成分の和が 0 になることはありますか。",
    },
)
def sums_the_components(grad_g, grad_h, rtol=1e-6):
    """Adds all components up, where the length is meant."""
    longest = max(np.sqrt(np.sum(grad_g**2)), np.sqrt(np.sum(grad_h**2)))
    return bool(abs(np.sum(grad_g + grad_h)) <= rtol * longest)


@wrong(
    fails=(TOLERANCE,),
    hint={
        "en": "Where one entry of a gradient is exactly zero, how close must the other's be? Are lengths compared?",
        "ja": "一方の勾配のある成分がちょうど 0 のとき、もう一方はどれだけ近ければよいですか。比べるのは長さですか。",
    },
)
def entry_by_entry(grad_g, grad_h, rtol=1e-6):
    """Compares entry by entry with a relative tolerance, where the lengths are meant."""
    return bool(np.allclose(grad_g, -grad_h, rtol=rtol, atol=0))


@wrong(
    fails=(TOLERANCE,),
    hint={
        "en": "With what does the formula compare the length of the sum: with both lengths together, or with one?",
        "ja": "式では、和の長さを何と比べていますか。二つの長さの合計ですか、それとも一方の長さですか。",
    },
)
def adds_the_lengths(grad_g, grad_h, rtol=1e-6):
    """Compares with the sum of the two lengths, where the larger one is meant."""
    lengths = np.sqrt(np.sum(grad_g**2)) + np.sqrt(np.sum(grad_h**2))
    return bool(np.sqrt(np.sum((grad_g + grad_h) ** 2)) <= rtol * lengths)


@wrong(
    fails=(TOLERANCE,),
    hint={
        "en": "One gradient is longer than the other. Which of the two lengths stands in the formula?",
        "ja": "一方の勾配はもう一方より長いとします。式の中にあるのは、どちらの長さですか。",
    },
)
def relative_to_the_shorter(grad_g, grad_h, rtol=1e-6):
    """Compares with the smaller of the two lengths."""
    shorter = min(np.sqrt(np.sum(grad_g**2)), np.sqrt(np.sum(grad_h**2)))
    return bool(np.sqrt(np.sum((grad_g + grad_h) ** 2)) <= rtol * shorter)
