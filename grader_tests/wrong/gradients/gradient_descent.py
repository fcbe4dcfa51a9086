"""What students answer for the path of gradient descent."""

import numpy as np

from nabla.checks import wrong

ALIGNED = "test_shrinks_each_coordinate_by_its_own_factor_in_a_bowl"
TURNED = "test_follows_the_slope_in_a_bowl_that_is_not_aligned"
ROWS = "test_has_a_row_for_the_start_and_one_for_each_step"
CALLS = "test_asks_for_the_gradient_once_a_step_where_it_stands"
KEPT = "test_leaves_the_start_as_it_is"


@wrong(
    fails=(ALIGNED, TURNED, ROWS, CALLS),
    hint={
        "en": "Along which direction does the loss fall: along the gradient, or against it?",
        "ja": "損失が減るのは、勾配の方向ですか、それともその反対の方向ですか。",
    },
)
def ascent(grad_f, w0, learning_rate, num_steps):
    """Adds the gradient: climbs."""
    rows = [w0]
    for _ in range(num_steps):
        rows.append(rows[-1] + learning_rate * grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, CALLS),
    hint={
        "en": "Where do you stand in the second step, and where was your gradient taken?",
        "ja": "二歩目ではどこに立っていますか。使っている勾配は、どの点のものですか。",
    },
)
def gradient_kept_from_the_start(grad_f, w0, learning_rate, num_steps):
    """Uses the gradient at w0 in every step."""
    slope = grad_f(w0)
    return np.stack([w0 - k * learning_rate * slope for k in range(num_steps + 1)])


@wrong(
    fails=(ALIGNED, TURNED, ROWS),
    hint={
        "en": "Three steps visit how many points, the start included? What is your first row?",
        "ja": "三歩進むと、出発点も含めていくつの点を通りますか。最初の行は何になっていますか。",
    },
)
def start_left_out(grad_f, w0, learning_rate, num_steps):
    """Has the points after the steps only."""
    w, rows = w0, np.zeros((num_steps, len(w0)))
    for k in range(num_steps):
        w = w - learning_rate * grad_f(w)
        rows[k] = w
    return rows


@wrong(
    fails=(ALIGNED, TURNED, ROWS, CALLS),
    hint={
        "en": "How many rows do you return for three steps? Is the point after the last step among them?",
        "ja": "三歩に対して、いくつの行を返していますか。最後の一歩のあとの点は含まれていますか。",
    },
)
def last_step_left_out(grad_f, w0, learning_rate, num_steps):
    """Makes a step fewer than asked for."""
    rows = [w0]
    for _ in range(num_steps - 1):
        rows.append(rows[-1] - learning_rate * grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, ROWS, CALLS),
    hint={
        "en": "How often does your loop run for three steps? And for none?",
        "ja": "三歩のとき、ループは何回まわりますか。0 歩のときはどうですか。",
    },
)
def one_step_too_many(grad_f, w0, learning_rate, num_steps):
    """Makes num_steps + 1 steps."""
    rows = [w0]
    for _ in range(num_steps + 1):
        rows.append(rows[-1] - learning_rate * grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, ROWS),
    hint={
        "en": "Why are all your rows equal? How many arrays are there if you append one and change it in place?",
        "ja": "どの行も等しいのはなぜでしょうか。追加した配列をその場で書き換えると、配列はいくつありますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def rows_are_one_array(grad_f, w0, learning_rate, num_steps):
    """Appends the same array again and again, and changes it in place."""
    w = w0.copy()
    rows = [w]
    for _ in range(num_steps):
        w -= learning_rate * grad_f(w)
        rows.append(w)
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, ROWS, CALLS),
    hint={
        "en": "How long is each of your steps? Is it shorter where the ground is flatter, as the formula says?",
        "ja": "一歩の長さはいくつですか。式のとおり、平らなところでは短くなっていますか。",
    },
)
def steps_of_one_length(grad_f, w0, learning_rate, num_steps):
    """Divides the gradient by its length: each step is as long as the learning rate."""
    rows = [w0]
    for _ in range(num_steps):
        slope = grad_f(rows[-1])
        rows.append(rows[-1] - learning_rate * slope / max(np.linalg.norm(slope), 1e-300))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, ROWS, CALLS),
    hint={
        "en": "What happens to your path if the learning rate is halved?",
        "ja": "学習率を半分にすると、返した軌跡はどう変わりますか。",
    },
)
def learning_rate_forgotten(grad_f, w0, learning_rate, num_steps):
    """Subtracts the gradient as it is."""
    rows = [w0]
    for _ in range(num_steps):
        rows.append(rows[-1] - grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, CALLS),
    hint={
        "en": "Does the learning rate change from step to step in the formula? And in your loop?",
        "ja": "式では、学習率は一歩ごとに変わりますか。ループの中ではどうですか。",
    },
)
def learning_rate_shrinks(grad_f, w0, learning_rate, num_steps):
    """Divides the learning rate by the number of the step."""
    rows = [w0]
    for k in range(num_steps):
        rows.append(rows[-1] - learning_rate / (k + 1) * grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(ALIGNED, TURNED, ROWS),
    hint={
        "en": "You return one point. Which points did the exercise ask for?",
        "ja": "返した点は一つだけです。問題文が求めているのはどの点ですか。",
    },
)
def only_the_end(grad_f, w0, learning_rate, num_steps):
    """Returns the last point alone."""
    w = w0
    for _ in range(num_steps):
        w = w - learning_rate * grad_f(w)
    return w + 0.0


@wrong(
    fails=(ALIGNED, TURNED, ROWS),
    hint={
        "en": "Which axis counts the steps in your result, and which one in the docstring?",
        "ja": "返した配列では、どちらの軸が歩数を数えていますか。docstring ではどちらですか。",
    },
)
def one_column_for_each_step(grad_f, w0, learning_rate, num_steps):
    """Returns the transpose."""
    rows = [w0]
    for _ in range(num_steps):
        rows.append(rows[-1] - learning_rate * grad_f(rows[-1]))
    return np.stack(rows, axis=1)


@wrong(
    fails=(ALIGNED, TURNED, ROWS),
    hint={
        "en": "The points are right. What did the docstring ask for: a list of vectors, or one array?",
        "ja": "点は合っています。docstring が求めているのはベクトルのリストですか、それとも一つの配列ですか。",
    },
)
def list_of_vectors(grad_f, w0, learning_rate, num_steps):
    """Returns the points as a Python list."""
    rows = [w0]
    for _ in range(num_steps):
        rows.append(rows[-1] - learning_rate * grad_f(rows[-1]))
    return rows


@wrong(
    fails=(ROWS,),
    hint={
        "en": "How many rows are asked for if nothing moves? Does the docstring speak of stopping?",
        "ja": "どこにも動かないとき、行はいくつ必要ですか。docstring に途中で止まると書いてありますか。",
    },
)
def stops_where_it_is_flat(grad_f, w0, learning_rate, num_steps):
    """Ends the loop where the gradient is zero: rows are missing."""
    rows = [w0]
    for _ in range(num_steps):
        slope = grad_f(rows[-1])
        if np.linalg.norm(slope) < 1e-12:
            break
        rows.append(rows[-1] - learning_rate * slope)
    return np.stack(rows)


@wrong(
    fails=(CALLS,),
    hint={
        "en": "A gradient may cost seconds. How often do you compute it in one step?",
        "ja": "勾配の計算には何秒もかかることがあります。一歩につき何回計算していますか。",
    },
)
def asks_twice_a_step(grad_f, w0, learning_rate, num_steps):
    """Computes each gradient twice."""
    rows = [w0]
    for _ in range(num_steps):
        if not np.isfinite(grad_f(rows[-1])).all():
            raise ValueError("diverged")
        rows.append(rows[-1] - learning_rate * grad_f(rows[-1]))
    return np.stack(rows)


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose vector does `-=` change? Print w0 before and after the call: is it still the same?",
        "ja": "`-=` で変わるのは誰のベクトルですか。呼び出しの前後で w0 を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def walks_with_the_start(grad_f, w0, learning_rate, num_steps):
    """Moves the caller's own vector and keeps copies of it."""
    rows = [w0.copy()]
    for _ in range(num_steps):
        w0 -= learning_rate * grad_f(w0)
        rows.append(w0.copy())
    return np.stack(rows)
