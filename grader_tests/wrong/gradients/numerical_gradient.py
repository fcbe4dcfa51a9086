"""What students answer for the gradient by central differences."""

import numpy as np

from nabla.checks import wrong

CENTRAL = "test_has_the_central_difference_of_each_weight"
USUAL = "test_is_close_to_the_true_gradient_with_the_usual_step"
CALLS = "test_asks_for_two_values_of_f_for_each_weight"
KEPT = "test_leaves_the_weights_as_they_are"


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "At which points do you call f for one weight? Does w itself belong to them in the formula?",
        "ja": "一つの重みについて、f をどの点で呼び出していますか。式では w 自身もその点に含まれますか。",
    },
)
def forward_differences(f, w, h=1e-5):
    """Moves each weight to one side only."""
    return np.array([(f(w + step) - f(w)) / h for step in h * np.eye(len(w))])


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "For each weight you call f at two points. How far apart are they?",
        "ja": "重み一つごとに、f を二点で呼び出しています。その二点はどれだけ離れていますか。",
    },
)
def divides_by_h(f, w, h=1e-5):
    """Divides by h where the points are 2h apart."""
    return np.array([(f(w + step) - f(w - step)) / h for step in h * np.eye(len(w))])


@wrong(
    fails=(CENTRAL, CALLS),
    hint={
        "en": "Which h is your caller asking for, and by how much do the weights move in your calls of f?",
        "ja": "呼び出し側が指定した h はいくつですか。f を呼び出すとき、重みはどれだけ動いていますか。",
    },
)
def usual_step_always(f, w, h=1e-5):
    """Doesn't hand h on: `partial_derivative(f, w, i)` takes its own default."""
    return np.array([(f(w + step) - f(w - step)) / 2e-5 for step in 1e-5 * np.eye(len(w))])


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "When you move the second weight, is the first one back where it was?",
        "ja": "二番目の重みを動かすとき、一番目の重みは元の値に戻っていますか。",
    },
)
def moves_pile_up(f, w, h=1e-5):
    """Leaves each weight where its own turn has put it, at w_i - h."""
    moved, result = w.copy(), []
    for i in range(len(w)):
        moved[i] += h
        right = f(moved)
        moved[i] -= 2 * h
        result.append((right - f(moved)) / (2 * h))
    return np.array(result)


@wrong(
    fails=(CENTRAL, USUAL, CALLS),
    hint={
        "en": "Why are all your entries equal? Which weights move for the first entry, and which for the second?",
        "ja": "どの成分も等しいのはなぜでしょうか。第一成分ではどの重みが動き、第二成分ではどの重みが動きますか。",
    },
)
def all_weights_moved(f, w, h=1e-5):
    """Moves all weights at once, for each entry again."""
    return np.array([(f(w + h) - f(w - h)) / (2 * h) for _ in w])


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "How many partial derivatives does f have? Is a gradient the sum of them?",
        "ja": "f の偏微分はいくつありますか。勾配はその和でしょうか。",
    },
)
def sum_of_the_partial_derivatives(f, w, h=1e-5):
    """Adds the partial derivatives up."""
    return sum((f(w + step) - f(w - step)) / (2 * h) for step in h * np.eye(len(w)))


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "Which shape has w, and which has your result?",
        "ja": "w の形は何ですか。返した結果の形は何ですか。",
    },
)
def column(f, w, h=1e-5):
    """Returns a column of shape (n, 1)."""
    return np.array([[(f(w + step) - f(w - step)) / (2 * h)] for step in h * np.eye(len(w))])


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "The numbers are right. What did the docstring ask for: a list of numbers, or something else?",
        "ja": "数は合っています。docstring が求めているのは数のリストですか、それとも別のものですか。",
    },
)
def list_of_numbers(f, w, h=1e-5):
    """Returns a Python list."""
    return [float((f(w + step) - f(w - step)) / (2 * h)) for step in h * np.eye(len(w))]


@wrong(
    fails=(CENTRAL, USUAL),
    hint={
        "en": "Why are all your entries whole numbers? Of which type is the array that you fill?",
        "ja": "どの成分も整数になっているのはなぜでしょうか。値を書き込んでいる配列は何型ですか。",
    },
)
def truncated_in_an_integer_array(f, w, h=1e-5):
    """Fills an array of integers."""
    result = np.zeros(len(w), dtype=int)
    for i, step in enumerate(h * np.eye(len(w))):
        result[i] = int((f(w + step) - f(w - step)) / (2 * h))
    return result


@wrong(
    fails=(CALLS,),
    hint={
        "en": "How often do you call f in all? Which of the values do you use?",
        "ja": "f を全部で何回呼び出していますか。そのうち、使っている値はどれですか。",
    },
)
def asks_at_the_start_too(f, w, h=1e-5):
    """Calls f once more than needed."""
    f(w)
    return np.array([(f(w + step) - f(w - step)) / (2 * h) for step in h * np.eye(len(w))])


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Print w with 17 digits before and after the call. Does adding and subtracting h lead back exactly?",
        "ja": "呼び出しの前後で w を 17 桁まで表示してみましょう。h を足したり引いたりすると、正確に元へ戻りますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def weights_drift(f, w, h=1e-5):
    """Moves the caller's weights to and fro: rounding changes their last digits."""
    result = []
    for i in range(len(w)):
        w[i] += h
        right = f(w)
        w[i] -= 2 * h
        left = f(w)
        w[i] += h
        result.append((right - left) / (2 * h))
    return np.array(result)
