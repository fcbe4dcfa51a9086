"""What students answer for the gradient of log(e^x + e^y).

Order matters: an overflow fits several mistakes, and the first that fits is named.
"""

from typing import TYPE_CHECKING

import numpy as np

from nabla.checks import wrong

if TYPE_CHECKING:
    import torch

POINT, POINTS = "test_is_right_at_single_points", "test_has_a_result_for_each_point"
LARGE = "test_is_right_for_numbers_like_1000"
ALL = (POINT, POINTS, LARGE)
DEVICE = "test_stays_on_the_device_of_its_arguments"


@wrong(
    fails=(LARGE,),
    hint={
        "en": (
            "You take the same number out each time. Which of x and y must it be, so that no exponent is above zero?"
        ),
        "ja": (
            "いつも同じほうの数をくくり出しています。"
            "指数がどれも 0 以下になるには、x と y のどちらをくくり出すべきですか。"
        ),
    },
)
def takes_out_x_always(x, y):
    """Takes out x, also where y is the larger one."""
    with np.errstate(all="ignore"):
        ratio = np.exp(y - x)
        return 1 / (1 + ratio), ratio / (1 + ratio)


@wrong(
    fails=(LARGE,),
    hint={
        "en": (
            "What does the computer make of e to the power of 1000, and of -1000? "
            "What could you take out of numerator and denominator first?"
        ),
        "ja": "e の 1000 乗や -1000 乗は計算機ではどうなりますか。先に分子と分母から何をくくり出せるでしょうか。",
    },
)
def exponentials_overflow(x, y):
    """The right formula as it stands: infinite over infinite for large numbers."""
    with np.errstate(all="ignore"):
        return np.exp(x) / (np.exp(x) + np.exp(y)), np.exp(y) / (np.exp(x) + np.exp(y))


@wrong(
    fails=ALL,
    hint={
        "en": (
            "This is the derivative of what stands inside the logarithm. "
            "What does the logarithm itself add by the chain rule?"
        ),
        "ja": "これは対数の中身の微分です。連鎖律によれば、対数そのものからは何が出てきますか。",
    },
)
def forgot_the_logarithm(x, y):
    """Returns (e^x, e^y): not divided by the sum."""
    with np.errstate(all="ignore"):
        return np.exp(x), np.exp(y)


@wrong(
    fails=ALL,
    hint={
        "en": "What is the derivative of log u with respect to u? Does a logarithm remain in it?",
        "ja": "log u を u で微分すると何になりますか。そこに対数は残りますか。",
    },
)
def keeps_the_logarithm(x, y):
    """Multiplies by the logarithm, not by its derivative."""
    with np.errstate(all="ignore"):
        value = np.log(np.exp(x) + np.exp(y))
        return value * np.exp(x), value * np.exp(y)


@wrong(
    fails=ALL,
    hint={
        "en": "You have the derivative of the logarithm. What does moving x do to the sum inside it?",
        "ja": "対数の微分はできています。x を動かすと、その中の和はどう変わりますか。",
    },
)
def forgot_the_inner_derivative(x, y):
    """Returns 1/(e^x + e^y) twice: the chain rule stops halfway."""
    with np.errstate(all="ignore"):
        outer = 1 / (np.exp(x) + np.exp(y))
    return outer, outer + 0.0


@wrong(
    fails=(POINT, POINTS, LARGE),
    hint={
        "en": (
            "Let x be much larger than y. "
            "Which of the two numbers does L follow then, and which of your components is near 1?"
        ),
        "ja": (
            "x が y よりずっと大きいとします。L はどちらの数に従って動きますか。"
            "返した成分のうち 1 に近いのはどちらですか。"
        ),
    },
)
def components_swapped(x, y):
    """Has the two components in the wrong order."""
    return (1 + np.tanh((y - x) / 2)) / 2, (1 + np.tanh((x - y) / 2)) / 2


@wrong(
    fails=(LARGE,),
    hint={
        "en": "Cut off at 700, are (1000, 1001) and (1000, 1000) still two points? What changes no quotient instead?",
        "ja": "700 で打ち切ると、(1000, 1001) と (1000, 1000) を区別できますか。商を変えない方法は何でしょうか。",
    },
)
def clamps_the_exponents(x, y):
    """Cuts the numbers off at -700 and 700, so that no exponential overflows."""
    u, v = np.exp(np.clip(x, -700, 700)), np.exp(np.clip(y, -700, 700))
    return u / (u + v), v / (u + v)


@wrong(
    fails=ALL,
    hint={
        "en": "Is this the gradient of L or of the maximum itself? What does the picture show near the kink?",
        "ja": "これは L の勾配ですか、それとも最大値そのものの勾配ですか。図では、折れ目の近くはどうなっていますか。",
    },
)
def only_the_larger(x, y):
    """Differentiates max(x, y): 1 for the larger number, 0 for the other."""
    return (1 + np.sign(x - y)) / 2, (1 + np.sign(y - x)) / 2


@wrong(
    framework="torch",
    fault="dtype",
    fails=(DEVICE,),
    hint={
        "en": "Who asked for float64? What does your function return for float32 arrays?",
        "ja": "float64 にする必要がありますか。float32 の配列を渡すと、何が返りますか。",
    },
)
def always_in_double(x, y):
    """Turns everything into float64."""
    larger = torch.maximum(x, y).double()
    u, v = torch.exp(x - larger), torch.exp(y - larger)
    return u / (u + v), v / (u + v)


@wrong(
    framework="torch",
    fault="loop",
    fails=(DEVICE,),
    hint={
        "en": "How many calls of `exp` do a million points take? Which of your operations need one point at a time?",
        "ja": "点が百万個あるとき、`exp` を何回呼ぶことになりますか。一点ずつでなければできない計算はありますか。",
    },
)
def one_point_at_a_time(x, y):
    """Loops over the points in Python."""
    if x.ndim > 0:
        pairs = [one_point_at_a_time(*point) for point in zip(x, y, strict=True)]
        return tuple(torch.stack(part) for part in zip(*pairs, strict=True))
    larger = torch.maximum(x, y)
    u, v = torch.exp(x - larger), torch.exp(y - larger)
    return u / (u + v), v / (u + v)
