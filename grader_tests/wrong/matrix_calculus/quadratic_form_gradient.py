"""What students answer for the gradient of x^T A x."""

from typing import TYPE_CHECKING

import numpy as np

from nabla.checks import wrong

if TYPE_CHECKING:
    import torch

SIZES, ENTRY = "test_is_right_for_several_sizes", "test_is_right_where_the_matrix_has_a_single_entry"
DEVICE = "test_stays_on_the_device_of_its_arguments"


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "You put the two sums together as if a_ki and a_ik were the same number. For which matrices are they?",
        "ja": "二つの和を、a_ki と a_ik が同じ数であるかのようにまとめています。それはどのような行列のときですか。",
    },
)
def treats_the_matrix_as_symmetric(A, x):
    """Turns 2ax into capital letters: 2 A x."""
    return 2 * A @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Both of your sums run over the same index of A. Is that so in the product rule's two terms?",
        "ja": (
            "二つの和が、どちらも A の同じ側の添字についての和になっています。積の微分法の二つの項でもそうでしょうか。"
        ),
    },
)
def twice_the_transpose(A, x):
    """Takes both terms with the transpose: 2 A^T x."""
    return 2 * A.T @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "x stands twice in the form. Which of the two did you differentiate, and what became of the other term?",
        "ja": "二次形式には x が二度現れます。微分したのはどちらですか。もう一つの項はどうなりましたか。",
    },
)
def only_the_left_factor(A, x):
    """Treats the form as linear in the left x: A x."""
    return A @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "You moved the right x only. What does the product rule say about the left one?",
        "ja": "右の x だけを動かしています。左の x について、積の微分法は何といっていますか。",
    },
)
def only_the_right_factor(A, x):
    """Treats the form as linear in the right x: A^T x."""
    return A.T @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Which comes first in `A + A.T @ x`, the sum or the product? How many entries come out?",
        "ja": "`A + A.T @ x` では、和と積のどちらが先に計算されますか。成分はいくつになりますか。",
    },
)
def brackets_forgotten(A, x):
    """Adds A^T x to each row of A: an n x n matrix."""
    return A + A.T @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Is there a minus sign in the product rule? What would the gradient be for a symmetric matrix?",
        "ja": "積の微分法にマイナスの符号はありますか。この式では、対称行列のとき勾配はどうなりますか。",
    },
)
def difference_for_sum(A, x):
    """Has (A - A^T) x."""
    return (A - A.T) @ x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Your matrix is the symmetric part of A. What does it give for numbers: 2ax or ax?",
        "ja": "その行列は A の対称部分です。数の場合、その式は 2ax になりますか、ax になりますか。",
    },
)
def symmetric_part_only(A, x):
    """Has the mean of A and A^T: the factor 2 is lost."""
    return (A + A.T) @ x / 2


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "What is the derivative of the term with i = j = k, and how often does it come up in your two sums?",
        "ja": "i = j = k の項を微分すると何になりますか。それは二つの和の中に何度現れますか。",
    },
)
def counts_the_diagonal_once(A, x):
    """Lets the term a_kk x_k^2 give a_kk x_k: the product rule is forgotten where both factors are the same."""
    return (A + A.T) @ x - np.diag(A) * x


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "How many numbers has a gradient with respect to a vector of n entries?",
        "ja": "成分が n 個のベクトルについての勾配には、数がいくつありますか。",
    },
)
def value_for_gradient(A, x):
    """Returns the form itself."""
    return float(x @ A @ x)


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "This is a matrix. Of which degree in x is the form, and of which degree must its gradient be?",
        "ja": "これは行列です。二次形式は x について何次ですか。勾配は何次になるはずですか。",
    },
)
def differentiates_twice(A, x):
    """Returns A + A^T, the matrix of second derivatives."""
    return A + A.T


@wrong(
    fails=("test_leaves_its_arguments_as_they_are",),
    hint={
        "en": "Whose matrix does `+=` change? Print A before and after the call: is it still the same?",
        "ja": "`+=` で変わるのは誰の行列ですか。呼び出しの前後で A を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def adds_in_place(A, x):
    """Adds the transpose to the caller's own A."""
    A += A.T.copy()
    return A @ x


@wrong(
    framework="torch",
    fault="cpu_array",
    fails=(DEVICE,),
    hint={
        "en": "Where does `torch.eye` put its matrix if nobody says where? Where are A and x?",
        "ja": "`torch.eye` は、何も指定しないと行列をどのデバイスに作りますか。A と x はどこにありますか。",
    },
)
def unit_vectors_on_the_cpu(A, x):
    """Takes unit vectors that lie on the CPU, whatever device A and x are on."""
    units = torch.eye(len(x), dtype=x.dtype)
    return torch.stack([unit @ A @ x + x @ A @ unit for unit in units])


@wrong(
    framework="torch",
    fault="assignment",
    fails=(DEVICE,),
    hint={
        "en": "You fill a vector entry by entry. On which device is it, and where do its entries come from?",
        "ja": "ベクトルに成分を一つずつ入れています。そのベクトルはどのデバイスにありますか。成分はどこから来ますか。",
    },
)
def collects_entries_on_the_cpu(A, x):
    """Fills a vector on the CPU."""
    gradient = torch.zeros(len(x), dtype=x.dtype)
    for k in range(len(x)):
        gradient[k] = A[k] @ x + A[:, k] @ x
    return gradient
