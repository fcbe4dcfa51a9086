"""What students answer for the central difference along one weight."""

import numpy as np

from nabla.checks import wrong

CENTRAL = "test_is_the_central_difference_with_the_given_step"
USUAL = "test_is_close_to_the_true_derivative_with_the_usual_step"
CALLS = "test_asks_for_two_values_of_f_one_step_to_each_side"
KEPT = "test_leaves_the_weights_as_they_are"


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Your two points lie at w and to its right. Where do they lie in the formula?",
        "ja": "使っている二点は、w とその右側です。式では二点はどこにありますか。",
    },
)
def forward_difference(f, w, i, h=1e-5):
    """Moves to one side only: (f(w + h e_i) - f(w)) / h."""
    step = h * np.eye(len(w))[i]
    return (f(w + step) - f(w)) / h


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Your two points lie at w and to its left. Where do they lie in the formula?",
        "ja": "使っている二点は、w とその左側です。式では二点はどこにありますか。",
    },
)
def backward_difference(f, w, i, h=1e-5):
    """Moves back only: (f(w) - f(w - h e_i)) / h."""
    step = h * np.eye(len(w))[i]
    return (f(w) - f(w - step)) / h


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Let f have two weights. Which numbers in w does your step change, and which ones should stay?",
        "ja": "重みが二つの f を考えてみましょう。その一歩で変わる数はどれですか。変わってはいけない数はどれですか。",
    },
)
def all_weights_moved(f, w, i, h=1e-5):
    """Adds h to the whole vector."""
    return (f(w + h) - f(w - h)) / (2 * h)


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "How far apart are the two points at which you call f?",
        "ja": "f を呼び出している二点は、どれだけ離れていますか。",
    },
)
def divides_by_h(f, w, i, h=1e-5):
    """Divides by h where the points are 2h apart."""
    step = h * np.eye(len(w))[i]
    return (f(w + step) - f(w - step)) / h


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "You divide by 2h. How far apart are the two points at which you call f?",
        "ja": "2h で割っています。f を呼び出している二点は、どれだけ離れていますか。",
    },
)
def one_side_over_two_steps(f, w, i, h=1e-5):
    """Mixes both formulas: (f(w + h e_i) - f(w)) / 2h."""
    step = h * np.eye(len(w))[i]
    return (f(w + step) - f(w)) / (2 * h)


@wrong(
    fails=(CENTRAL, CALLS),
    hint={
        "en": "Your two points are h apart. How far is each of them from w in the formula?",
        "ja": "使っている二点の間隔は h です。式では、それぞれの点は w からどれだけ離れていますか。",
    },
)
def half_a_step_to_each_side(f, w, i, h=1e-5):
    """Takes h for the distance of the two points: (f(w + h/2 e_i) - f(w - h/2 e_i)) / h."""
    step = h / 2 * np.eye(len(w))[i]
    return (f(w + step) - f(w - step)) / h


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "This is how much f changes. Is it also how fast it changes, per unit of the weight?",
        "ja": "これは f の変化そのものです。重みを 1 動かしたときの変化の割合になっていますか。",
    },
)
def change_itself(f, w, i, h=1e-5):
    """Forgets to divide."""
    step = h * np.eye(len(w))[i]
    return f(w + step) - f(w - step)


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "If f grows with the weight, which of your two values is larger? Which do you subtract from which?",
        "ja": "重みとともに f が増えるとき、二つの値のどちらが大きいですか。どちらからどちらを引いていますか。",
    },
)
def subtracted_the_wrong_way_round(f, w, i, h=1e-5):
    """Takes the value on the right from the one on the left."""
    step = h * np.eye(len(w))[i]
    return (f(w - step) - f(w + step)) / (2 * h)


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Print the two points at which you call f. Do they differ? What type of numbers does your step hold?",
        "ja": "f を呼び出す二点を表示してみましょう。異なる点ですか。ステップの配列の要素は何型ですか。",
    },
)
def step_in_an_integer_array(f, w, i, h=1e-5):
    """Writes h into an array of integers, where it becomes 0."""
    step = np.zeros(len(w), dtype=int)
    step[i] = h
    return (f(w + step) - f(w - step)) / (2 * h)


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Which weight moves when i is 0? From which number does the docstring count?",
        "ja": "i が 0 のとき、どの重みが動きますか。docstring では番号をいくつから数えていますか。",
    },
)
def counts_from_one(f, w, i, h=1e-5):
    """Moves the weight before the one that was asked for."""
    step = h * np.eye(len(w))[i - 1]
    return (f(w + step) - f(w - step)) / (2 * h)


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "How many numbers did the exercise ask for, and how many did you return?",
        "ja": "求められている数はいくつで、返した数はいくつですか。",
    },
)
def whole_gradient(f, w, i, h=1e-5):
    """Returns the partial derivatives with respect to all weights."""
    return np.array([(f(w + step) - f(w - step)) / (2 * h) for step in h * np.eye(len(w))])


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "What is the shape of what you return? What is the shape of a number?",
        "ja": "返した値の形は何ですか。数の形は何でしょうか。",
    },
)
def vector_with_one_entry(f, w, i, h=1e-5):
    """Returns shape (1,) where a number is asked for."""
    step = h * np.eye(len(w))[i]
    return np.array([(f(w + step) - f(w - step)) / (2 * h)])


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose array does `w[i] += h` change? Print w before and after the call: is it still the same?",
        "ja": "`w[i] += h` で変わるのは誰の配列ですか。呼び出しの前後で w を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_the_callers_weight(f, w, i, h=1e-5):
    """Moves the weight in the caller's own array and leaves it there."""
    w[i] += h
    right = f(w)
    w[i] -= 2 * h
    return (right - f(w)) / (2 * h)


@wrong(
    fails=(KEPT,),
    hint={
        "en": "You put the weight back by adding h again. Do sums and differences of floats lead back exactly?",
        "ja": "h を足し直して重みを元に戻しています。浮動小数点数の足し算と引き算で、値は正確に元に戻りますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_back_with_rounding(f, w, i, h=1e-5):
    """Moves the weight in the caller's array and back again: rounding changes the last digit."""
    w[i] += h
    right = f(w)
    w[i] -= 2 * h
    left = f(w)
    w[i] += h
    return (right - left) / (2 * h)
