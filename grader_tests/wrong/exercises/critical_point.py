"""What students answer for the minimum of the sum of two bowls."""

import numpy as np

from nabla.checks import wrong

FORCES, HALFWAY = "test_is_where_the_two_forces_cancel", "test_lies_halfway_between_equal_bowls"


@wrong(
    fails=(FORCES,),
    hint={
        "en": "One bowl may be much steeper than the other. Does the minimum stay in the middle then?",
        "ja": "一方のお椀がもう一方よりずっと急なこともあります。それでも最小点は真ん中にありますか。",
    },
)
def midpoint(A, a, B, b):
    """Takes the point halfway between the two centres."""
    return (a + b) / 2


@wrong(
    fails=(FORCES,),
    hint={
        "en": "Which matrix belongs to which centre? Look at the gradient of g at the bottom of g.",
        "ja": "どの行列がどの中心に対応していますか。g の底での g の勾配を見てみましょう。",
    },
)
def centres_swapped(A, a, B, b):
    """Multiplies each centre by the other's matrix."""
    return np.linalg.solve(A + B, A @ b + B @ a)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "Multiply out A(x - a): which matrix stands in front of a?",
        "ja": "A(x - a) を展開してみましょう。a の前にはどの行列がありますか。",
    },
)
def matrices_lost_on_the_right(A, a, B, b):
    """Solves (A + B) x = a + b."""
    return np.linalg.solve(A + B, a + b)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": (
            "You have the right-hand side of a system of equations. "
            "What is still to be done with the matrix in front of x?"
        ),
        "ja": "連立方程式の右辺まではできています。x の前の行列はどうすればよいでしょうか。",
    },
)
def forgot_to_solve(A, a, B, b):
    """Returns the right-hand side A a + B b."""
    return A @ a + B @ b


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "Must the two gradients be equal at the minimum of the sum, or must they cancel?",
        "ja": "和の最小点では、二つの勾配は等しくなるのですか、それとも打ち消し合うのですか。",
    },
)
def equal_gradients(A, a, B, b):
    """Sets the gradients equal: (A - B) x = A a - B b."""
    return np.linalg.lstsq(A - B, A @ a - B @ b, rcond=None)[0]


@wrong(
    fails=(FORCES,),
    hint={
        "en": (
            "Does moving x along the first axis change only the first component of the gradient? "
            "Which entries of the matrices do you leave out?"
        ),
        "ja": (
            "x を第一の軸に沿って動かすと、変わるのは勾配の第一成分だけでしょうか。行列のどの成分を使っていませんか。"
        ),
    },
)
def diagonals_only(A, a, B, b):
    """Weighs each coordinate by itself, with the diagonals alone."""
    p, q = np.diag(A), np.diag(B)
    return (p * a + q * b) / (p + q)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "When you bring A a and B b to the other side of the equation, which signs do they get?",
        "ja": "A a と B b を等式の反対側に移すと、それぞれの符号はどうなりますか。",
    },
)
def sign_slip(A, a, B, b):
    """Solves (A + B) x = A a - B b."""
    return np.linalg.solve(A + B, A @ a - B @ b)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "Put your point into the gradient of the sum: is it zero there? Which signs are in doubt?",
        "ja": "求めた点を和の勾配に代入してみましょう。0 になりますか。どの符号が怪しいでしょうか。",
    },
)
def both_signs_slip(A, a, B, b):
    """Solves (A + B) x = -(A a + B b)."""
    return -np.linalg.solve(A + B, A @ a + B @ b)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "Is the inverse of a sum of matrices the sum of their inverses? Try it with numbers.",
        "ja": "行列の和の逆行列は、逆行列の和でしょうか。数で試すとどうなりますか。",
    },
)
def adds_the_inverses(A, a, B, b):
    """Takes the inverse of A + B for the sum of the inverses."""
    return np.linalg.solve(A, A @ a + B @ b) + np.linalg.solve(B, A @ a + B @ b)


@wrong(
    fails=(FORCES, HALFWAY),
    hint={
        "en": "How many entries has the product of a matrix and a vector? Which operator of Python gives it?",
        "ja": "行列とベクトルの積には成分がいくつありますか。それを計算する Python の演算子はどれですか。",
    },
)
def products_entry_by_entry(A, a, B, b):
    """Writes * for the product of a matrix and a vector."""
    return np.linalg.solve(A + B, A * a + B * b)
