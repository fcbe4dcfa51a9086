"""What students answer for the function that makes the second-order approximation."""

import numpy as np

from nabla.checks import wrong

SINGLE, ROWS = "test_is_right_at_single_points", "test_has_a_value_for_each_row"
CUBIC, BELONGS = "test_leaves_only_terms_of_third_order_of_a_cubic", "test_belongs_to_the_point_it_was_made_for"
KEPT = "test_leaves_its_arguments_as_they_are"
VALUES = (SINGLE, ROWS, CUBIC, BELONGS)


@wrong(
    fails=VALUES,
    hint={
        "en": "What is the second derivative of x², and what must stand in front of it to get x² back?",
        "ja": "x² の二階の微分はいくつですか。そこから x² に戻すには、前に何を掛ければよいですか。",
    },
)
def half_left_out(value, gradient, hessian, x0):
    """Forgets the 1/2, as two of the chapter's plots do."""
    value, gradient, hessian, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum(-1)


@wrong(
    fails=VALUES,
    hint={
        "en": "What should q give at x0 itself? Is the step from x0 to x in your formula, or x?",
        "ja": "x0 そのものでは q の値はいくつになるはずですか。式に入っているのは x0 から x への一歩ですか、x ですか。",
    },
)
def about_zero(value, gradient, hessian, x0):
    """Expands about the origin: x for x - x0."""
    value, gradient, hessian = map(np.array, (value, gradient, hessian))
    return lambda x: value + x @ gradient + (x @ hessian * x).sum(-1) / 2


@wrong(
    fails=VALUES,
    hint={
        "en": "What should q give at x0 itself, where all steps are zero?",
        "ja": "一歩も動かない x0 そのものでは、q の値はいくつになるはずですか。",
    },
)
def value_left_out(value, gradient, hessian, x0):
    """Returns the change of the value only."""
    gradient, hessian, x0 = map(np.array, (gradient, hessian, x0))
    return lambda x: (x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum(-1) / 2


@wrong(
    fails=VALUES,
    hint={
        "en": "If the function grows along the gradient, does your q grow there too? Which way does your step point?",
        "ja": "関数は勾配の方向に増えます。q もその方向に増えますか。一歩はどちらを向いていますか。",
    },
)
def step_backwards(value, gradient, hessian, x0):
    """Takes x0 - x for the step: the square does not notice, the slope does."""
    value, gradient, hessian, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + (x0 - x) @ gradient + ((x0 - x) @ hessian * (x0 - x)).sum(-1) / 2


@wrong(
    fails=VALUES,
    hint={
        "en": "How does your q change for a very small step? What does the first-order approximation say?",
        "ja": "ごく小さな一歩で q はどう変わりますか。一次近似では何といえますか。",
    },
)
def slope_left_out(value, gradient, hessian, x0):
    """Leaves the gradient out, as at a critical point."""
    value, hessian, x0 = map(np.array, (value, hessian, x0))
    return lambda x: value + ((x - x0) @ hessian * (x - x0)).sum(-1) / 2


@wrong(
    fails=VALUES,
    hint={
        "en": "Your q is a plane. Where does the Hessian come in?",
        "ja": "この q は平面です。ヘッセ行列はどこで使いますか。",
    },
)
def first_order_only(value, gradient, hessian, x0):
    """Stops after the gradient."""
    value, gradient, x0 = map(np.array, (value, gradient, x0))
    return lambda x: value + (x - x0) @ gradient


@wrong(
    fails=(SINGLE, ROWS, BELONGS),
    hint={
        "en": "In the second-order term every entry of the Hessian occurs. Which ones does your formula use?",
        "ja": "二次の項にはヘッセ行列のすべての成分が現れます。式ではどの成分を使っていますか。",
    },
)
def squares_only(value, gradient, hessian, x0):
    """Squares the entries of the step and forgets their products."""
    value, gradient, diagonal, x0 = np.array(value), np.array(gradient), np.diag(hessian).copy(), np.array(x0)
    return lambda x: value + (x - x0) @ gradient + (x - x0) ** 2 @ diagonal / 2


@wrong(
    fails=(ROWS,),
    hint={
        "en": "What does `step @ hessian @ step` mean if step has a row for each point? Which rows belong together?",
        "ja": "一行に一点ずつ並ぶとき、`step @ hessian @ step` は何を計算しますか。対応する行はどれですか。",
    },
)
def one_point_only(value, gradient, hessian, x0):
    """Writes the formula for one point; with rows it fails, or multiplies every point with every other one."""
    value, gradient, hessian, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + (x - x0) @ gradient + (x - x0) @ hessian @ (x - x0) / 2


@wrong(
    fails=(ROWS,),
    hint={
        "en": "For k points k values are expected. Over which axis do you sum?",
        "ja": "k 個の点には k 個の値が必要です。どの軸について和をとっていますか。",
    },
)
def rows_added_up(value, gradient, hessian, x0):
    """Sums over all axes, so that points add up."""
    value, gradient, hessian, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum() / 2


@wrong(
    fails=(BELONGS,),
    hint={
        "en": "Whose array does q look at when it is called? What if the caller has moved it since then?",
        "ja": "q が呼び出されたときに見るのは誰の配列ですか。呼び出した側がそれまでに動かしていたらどうなりますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def bound_late(value, gradient, hessian, x0):
    """Keeps the caller's own arrays, which may move."""
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum(-1) / 2


@wrong(
    fails=(BELONGS,),
    hint={
        "en": "Which of the caller's four arrays have you copied? What if the caller changes another one?",
        "ja": "呼び出した側の四つの配列のうち、コピーしたのはどれですか。ほかの配列が変えられたらどうなりますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def copies_x0_alone(value, gradient, hessian, x0):
    """Keeps a copy of x0, and the caller's own gradient and Hessian."""
    x0 = np.array(x0)
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum(-1) / 2


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose matrix do you halve with `/=`? Print it before and after the call: is it still the same?",
        "ja": "`/=` で半分にしているのは誰の行列ですか。呼び出しの前後で表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def halves_in_place(value, gradient, hessian, x0):
    """Halves the caller's Hessian in place."""
    hessian /= 2
    value, gradient, half, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ half * (x - x0)).sum(-1)


@wrong(
    fails=VALUES,
    hint={
        "en": "Put f(x) = x, whose Hessian is zero, into your formula. Does q give f back?",
        "ja": "ヘッセ行列が 0 になる f(x) = x を式に入れてみましょう。q は f に戻りますか。",
    },
)
def slope_halved_too(value, gradient, hessian, x0):
    """Puts the 1/2 in front of both terms."""
    value, gradient, hessian, x0 = map(np.array, (value, gradient, hessian, x0))
    return lambda x: value + ((x - x0) @ gradient + ((x - x0) @ hessian * (x - x0)).sum(-1)) / 2


@wrong(
    fails=(SINGLE, ROWS, BELONGS),
    hint={
        "en": "The entries (i, j) and (j, i) both stand in the sum. Which of them does your formula halve or omit?",
        "ja": "和には (i, j) 成分と (j, i) 成分の両方が現れます。式で半分にしたり省いたりしているのはどれですか。",
    },
)
def pairs_once(value, gradient, hessian, x0):
    """Sums over i <= j only, and keeps the 1/2 that was made for all pairs."""
    value, gradient, upper, x0 = np.array(value), np.array(gradient), np.triu(hessian), np.array(x0)
    return lambda x: value + (x - x0) @ gradient + ((x - x0) @ upper * (x - x0)).sum(-1) / 2
