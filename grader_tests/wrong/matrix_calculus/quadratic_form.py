"""What students answer for x^T A x."""

import numpy as np

from nabla.checks import wrong

SIZES, ENTRY = "test_is_right_for_several_sizes", "test_uses_each_entry_of_the_matrix_once"


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Which terms of the double sum have i and j different? Where are they in your answer?",
        "ja": "二重の和のうち、i と j が異なる項はどれですか。それは答えのどこにありますか。",
    },
)
def only_the_diagonal(A, x):
    """Sums a_ii x_i^2 with one loop."""
    return float(np.sum(np.diag(A) * x * x))


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "From where to where does your inner loop run? Is a_21 ever used?",
        "ja": "内側のループはどこからどこまで回りますか。a_21 は使われていますか。",
    },
)
def upper_triangle_only(A, x):
    """Lets j start at i, as if each pair came once."""
    return float(x @ np.triu(A) @ x)


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "You count the pair (1, 2) twice instead of counting (2, 1) too. For which matrices is that allowed?",
        "ja": "(2, 1) を数える代わりに (1, 2) を二度数えています。それが許されるのはどのような行列ですか。",
    },
)
def doubles_the_upper_triangle(A, x):
    """Takes A for symmetric: twice what stands above the diagonal, and the diagonal."""
    return float(x @ (2 * np.triu(A) - np.diag(np.diag(A))) @ x)


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "How many factors x has each term of the double sum, and how many has yours?",
        "ja": "二重の和の各項には x の成分がいくつ掛かっていますか。あなたの式ではいくつですか。",
    },
)
def forgets_the_left_x(A, x):
    """Adds up the entries of A x."""
    return float(np.sum(A @ x))


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "What kind of thing is a quadratic form: a vector or a number? Which sum is still missing?",
        "ja": "二次形式の値はベクトルですか、数ですか。まだ足りない和はどれですか。",
    },
)
def forgets_the_outer_sum(A, x):
    """Returns the n numbers x_i (A x)_i instead of their sum."""
    return x * (A @ x)


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Is this x^T A x, or the square of the length of A x? How often does A stand in each of them?",
        "ja": "これは x^T A x ですか、それとも A x の長さの二乗ですか。それぞれの式に A は何度現れますか。",
    },
)
def length_of_the_product(A, x):
    """Multiplies A x with itself."""
    return float((A @ x) @ (A @ x))


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Where does the factor one half come from? Does the definition here have one?",
        "ja": "2 分の 1 はどこから来ましたか。ここでの定義にありますか。",
    },
)
def one_half(A, x):
    """Has the factor 1/2 that many books put before a quadratic form."""
    return float(x @ A @ x) / 2


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Your result is right but for its shape: a 1 x 1 matrix. What does the docstring ask for?",
        "ja": "値は合っていますが、1×1 行列の形をしています。docstring が求めているのは何ですか。",
    },
)
def one_by_one_matrix(A, x):
    """Turns x into a column and gets a 1 x 1 matrix."""
    return np.reshape(x, (1, -1)) @ A @ np.reshape(x, (-1, 1))


@wrong(
    fails=(SIZES, ENTRY),
    hint={
        "en": "Is the sum of products the product of the sums? What happens to the pairs that do not belong together?",
        "ja": "積の和は、和の積と同じですか。本来は組にならない成分どうしはどうなりますか。",
    },
)
def product_of_sums(A, x):
    """Sums A and x separately and multiplies."""
    return float(np.sum(A) * np.sum(x) ** 2)


@wrong(
    fails=("test_leaves_its_arguments_as_they_are",),
    hint={
        "en": "Whose matrix does `*=` change? Print A before and after the call: is it still the same?",
        "ja": "`*=` で変わるのは誰の行列ですか。呼び出しの前後で A を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def multiplies_in_place(A, x):
    """Turns the caller's own A into the n^2 terms."""
    A *= np.outer(x, x)
    return float(np.sum(A))
