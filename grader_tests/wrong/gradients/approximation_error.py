"""What students answer for the error of the first-order approximation."""

import numpy as np

from nabla.checks import wrong

QUADRATIC = "test_is_half_of_the_quadratic_form_on_a_quadratic"
CUBIC = "test_is_what_the_cubes_leave_on_a_cubic"
KEPT = "test_leaves_its_arguments_as_they_are"


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "Is a distance ever negative? Which sign has your result where f bends downwards?",
        "ja": "距離が負になることはありますか。f が下に曲がっているところで、返した値の符号はどうなりますか。",
    },
)
def true_minus_approximate(f, grad_f, w, epsilon):
    """Keeps the sign of the difference."""
    return f(w + epsilon) - (f(w) + epsilon @ grad_f(w))


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "Is a distance ever negative? Which sign has your result where f bends upwards?",
        "ja": "距離が負になることはありますか。f が上に曲がっているところで、返した値の符号はどうなりますか。",
    },
)
def approximate_minus_true(f, grad_f, w, epsilon):
    """Keeps the sign of the difference, the other way round."""
    return f(w) + epsilon @ grad_f(w) - f(w + epsilon)


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "If f is measured in other units, does your result change with it? Which kind of error is asked for?",
        "ja": "f を測る単位を変えると、返した値も同じように変わりますか。求められているのはどの種類の誤差ですか。",
    },
)
def relative_error(f, grad_f, w, epsilon):
    """Divides by the true value."""
    true = f(w + epsilon)
    return abs(true - f(w) - epsilon @ grad_f(w)) / abs(true)


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "This is how much f changes. How much of it does the gradient foretell?",
        "ja": "これは f の変化そのものです。そのうち、勾配が予測する分はどれだけですか。",
    },
)
def change_of_f(f, grad_f, w, epsilon):
    """Leaves the gradient out: the error of a constant approximation."""
    return abs(f(w + epsilon) - f(w))


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "At which point is the approximation meant to give the value of f? At which point do you take f?",
        "ja": "近似しているのは、どの点での f の値ですか。比べている f の値は、どの点のものですか。",
    },
)
def compared_with_the_start(f, grad_f, w, epsilon):
    """Compares with f at w, not at w + epsilon."""
    return abs(f(w) - (f(w) + epsilon @ grad_f(w)))


@wrong(
    fails=(CUBIC,),
    hint={
        "en": "Where do you stand when you make the prediction: do you know the gradient at the far end already?",
        "ja": "予測するとき、どの点に立っていますか。行き先での勾配をすでに知っているのでしょうか。",
    },
)
def gradient_after_the_step(f, grad_f, w, epsilon):
    """Takes the gradient at w + epsilon: on a quadratic the error has the same size."""
    return abs(f(w + epsilon) - f(w) - epsilon @ grad_f(w + epsilon))


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "At which point do you take the gradient? Is a step a point?",
        "ja": "勾配をどの点でとっていますか。ステップは点でしょうか。",
    },
)
def gradient_at_the_step(f, grad_f, w, epsilon):
    """Takes the gradient at epsilon."""
    return abs(f(w + epsilon) - f(w) - epsilon @ grad_f(epsilon))


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "Where does your square come from? If f is measured in metres, in which unit is your error?",
        "ja": "その二乗はどこから来ましたか。f をメートルで測るなら、返した誤差の単位は何ですか。",
    },
)
def squared_error(f, grad_f, w, epsilon):
    """Squares the difference, as a loss would."""
    return (f(w + epsilon) - f(w) - epsilon @ grad_f(w)) ** 2


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "Where does your factor one half come from? What are the two numbers whose distance is asked for?",
        "ja": "その 2 分の 1 はどこから来ましたか。どの二つの数の差を求めるのでしょうか。",
    },
)
def half_of_it(f, grad_f, w, epsilon):
    """Halves the distance."""
    return abs(f(w + epsilon) - f(w) - epsilon @ grad_f(w)) / 2


@wrong(
    fails=(QUADRATIC, CUBIC),
    hint={
        "en": "f gives one number at each point. How many errors can there be?",
        "ja": "f は各点で一つの数を返します。誤差はいくつあるはずですか。",
    },
)
def products_not_summed(f, grad_f, w, epsilon):
    """Multiplies step and gradient entry by entry."""
    return abs(f(w + epsilon) - (f(w) + epsilon * grad_f(w)))


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose vector does `w += epsilon` move? Print w before and after the call: is it still the same?",
        "ja": "`w += epsilon` で動くのは誰のベクトルですか。呼び出しの前後で w を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_in_place(f, grad_f, w, epsilon):
    """Moves the caller's own vector."""
    predicted = f(w) + epsilon @ grad_f(w)
    w += epsilon
    return np.abs(f(w) - predicted)
