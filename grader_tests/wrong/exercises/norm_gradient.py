"""What students answer for the gradient of the length of v.

Order matters: zeros and overflows fit several mistakes, and the first that fits is named.
"""

from typing import TYPE_CHECKING

import numpy as np

from nabla.checks import wrong

if TYPE_CHECKING:
    import torch

SHORT = "test_is_right_for_short_and_long_vectors"
HUGE = "test_is_right_for_numbers_whose_squares_overflow"
ZERO = "test_refuses_the_zero_vector"
ZEROS = "test_is_right_where_entries_are_zero_or_add_up_to_zero"
SMALL = ("test_is_right_for_vectors_of_several_sizes", SHORT, ZEROS)
DEVICE = "test_stays_on_the_device_of_its_argument"


@wrong(
    fails=(ZERO,),
    hint={
        "en": "Many frameworks answer zero here, too. What does the exercise ask for where the length has a kink?",
        "ja": (
            "ここで 0 を返すフレームワークも多くあります。グラフが尖っている点について、問題文は何を求めていますか。"
        ),
    },
)
def zero_for_the_zero_vector(v):
    """Returns the subgradient 0 at the zero vector, as autograd does."""
    largest = np.max(np.abs(v))
    if largest == 0:
        return np.zeros_like(v)
    scaled = v / largest
    return scaled / np.sqrt(np.sum(scaled * scaled))


@wrong(
    fails=(HUGE,),
    hint={
        "en": (
            "What is the square of the largest entry, and does it fit into a float? "
            "What could you take out before squaring?"
        ),
        "ja": (
            "最大の成分を二乗するといくつになりますか。浮動小数点数に収まりますか。"
            "二乗する前に何をくくり出せるでしょうか。"
        ),
    },
)
def squares_overflow(v):
    """Right on paper; the sum of squares is infinite for huge entries."""
    with np.errstate(all="ignore"):
        norm = np.sqrt(np.sum(v * v))
    if norm == 0:
        raise ValueError("zero vector")
    return v / norm


@wrong(
    fails=(*SMALL, ZERO, HUGE),
    hint={
        "en": "How much can the length grow at most in a step of length 0.1? How long is the vector that you return?",
        "ja": "0.1 だけ進んだとき、長さは最大でどれだけ増えますか。返しているベクトルの長さはいくつですか。",
    },
)
def forgot_to_normalise(v):
    """Returns v itself."""
    return v + 0.0


@wrong(
    fails=(*SMALL, ZERO, HUGE),
    hint={
        "en": (
            "Of which function is this the gradient: of the length, or of its square? "
            "What does the chain rule say about the root?"
        ),
        "ja": (
            "これはどの関数の勾配ですか。長さですか、それとも長さの二乗ですか。連鎖律を根号に使うとどうなりますか。"
        ),
    },
)
def gradient_of_the_square(v):
    """Differentiates the sum of squares and forgets the root: 2v."""
    return 2 * v


@wrong(
    fails=(*SMALL, HUGE),
    hint={
        "en": (
            "If v is made ten times longer, what happens to the rate at which its length grows? And to your result?"
        ),
        "ja": "v を 10 倍に伸ばすと、長さの増え方はどう変わりますか。返している結果はどう変わりますか。",
    },
)
def divides_by_the_square(v):
    """Divides by the squared length: the power of the root's derivative is lost."""
    if not v.any():
        raise ValueError("zero vector")
    with np.errstate(all="ignore"):
        return v / np.sum(v * v)


@wrong(
    fails=(*SMALL, HUGE),
    hint={
        "en": "The root brings a factor one half. What does each square bring along?",
        "ja": "根号を微分すると 2 分の 1 が出てきます。それぞれの二乗からは何が出てきますか。",
    },
)
def keeps_the_half_of_the_root(v):
    """Differentiates the root and forgets the inner derivative: v/(2|v|)."""
    if not v.any():
        raise ValueError("zero vector")
    with np.errstate(all="ignore"):
        return v / (2 * np.sqrt(np.sum(v * v)))


@wrong(
    fails=(*SMALL, HUGE),
    hint={
        "en": "How is the length of a vector measured here: by the sum of the absolute values, or otherwise?",
        "ja": "ここではベクトルの長さをどのように測っていますか。絶対値の和でしょうか。",
    },
)
def divides_by_the_sum(v):
    """Divides by the sum of absolute values, the 1-norm."""
    if not v.any():
        raise ValueError("zero vector")
    return v / np.sum(np.abs(v))


@wrong(
    fails=("test_leaves_its_argument_as_it_is",),
    hint={
        "en": "Whose vector do you divide with `/=`? Print v before and after the call: is it still the same?",
        "ja": "`/=` で割っているのは誰のベクトルですか。呼び出しの前後で v を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def normalises_in_place(v):
    """Divides the caller's own vector in place."""
    largest = np.max(np.abs(v))
    if largest == 0:
        raise ValueError("zero vector")
    v /= largest
    v /= np.sqrt(np.sum(v * v))
    return v


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (0, 3) the zero vector? Which entries must be zero for a ValueError?",
        "ja": "(0, 3) は零ベクトルですか。ValueError を送出するのは、どの成分が 0 のときですか。",
    },
)
def refuses_a_zero_entry(v):
    """Takes a vector with one zero entry for the zero vector: any where all is meant."""
    if (v == 0).any():
        raise ValueError("zero vector")
    scaled = v / np.max(np.abs(v))
    return scaled / np.sqrt(np.sum(scaled * scaled))


@wrong(
    fails=(ZEROS,),
    hint={
        "en": "Is (1, -1) the zero vector? What does the sum of the entries say about that?",
        "ja": "(1, -1) は零ベクトルですか。成分の和から、それがわかりますか。",
    },
)
def refuses_a_zero_sum(v):
    """Tests the sum of the entries, which is also zero where they cancel."""
    if np.sum(v) == 0:
        raise ValueError("zero vector")
    scaled = v / np.max(np.abs(v))
    return scaled / np.sqrt(np.sum(scaled * scaled))


@wrong(
    fails=(SHORT, HUGE),
    hint={
        "en": "A vector of length 1e-8 is short. Does its length have a kink there?",
        "ja": "長さ 1e-8 のベクトルは短いですが、そこで長さのグラフは尖っていますか。",
    },
)
def refuses_short_vectors(v):
    """Takes each vector shorter than 1e-6 for the zero vector."""
    largest = np.max(np.abs(v))
    if largest < 1e-6:
        raise ValueError("zero vector")
    scaled = v / largest
    return scaled / np.sqrt(np.sum(scaled * scaled))


@wrong(
    fails=(HUGE,),
    hint={
        "en": "In which unit is a length of 1e-12 short? Which vectors does the exercise ask you to refuse?",
        "ja": "長さ 1e-12 が短いといえるのは、どの単位で測ったときですか。問題文が受け付けないのはどのベクトルですか。",
    },
)
def refuses_tiny_vectors(v):
    """Takes each vector shorter than 1e-12 for the zero vector."""
    largest = np.max(np.abs(v))
    if largest < 1e-12:
        raise ValueError("zero vector")
    scaled = v / largest
    return scaled / np.sqrt(np.sum(scaled * scaled))


@wrong(
    framework="torch",
    fault="transfer",
    fails=(DEVICE,),
    hint={
        "en": "How often does v travel in your function? What of it can't be done where v already is?",
        "ja": "関数の中で v は何回デバイスの間を移動しますか。v のある場所でできない計算はありますか。",
    },
)
def computes_on_the_cpu(v):
    """Copies v to the CPU, and the result back."""
    here = v.cpu()
    largest = here.abs().max()
    if largest == 0:
        raise ValueError("zero vector")
    scaled = here / largest
    return (scaled / scaled.norm()).to(v.device)


@wrong(
    framework="torch",
    fault="read",
    fails=(DEVICE,),
    hint={
        "en": "Does a division need the length as a Python number? What has to be finished before `item()` can answer?",
        "ja": "割り算のために、長さを Python の数にする必要がありますか。`item()` は何が終わるまで待ちますか。",
    },
)
def takes_the_length_as_a_number(v):
    """Divides by a Python number that has been read back."""
    largest = v.abs().max().item()
    if largest == 0:
        raise ValueError("zero vector")
    scaled = v / largest
    return scaled / torch.linalg.norm(scaled).item()
