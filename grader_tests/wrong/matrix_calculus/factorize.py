"""What students answer for gradient descent on both factors."""

from typing import TYPE_CHECKING

import numpy as np

from nabla.checks import wrong

if TYPE_CHECKING:
    import torch

STEP, SEVERAL = "test_first_step_is_right", "test_factors_are_right_after_several_steps"
LOSSES, LONG = "test_losses_are_right_from_the_start_to_the_end", "test_a_long_descent_stays_above_the_floor"
ALL = (STEP, SEVERAL, LOSSES, LONG)
DEVICE = "test_stays_on_the_device_of_its_arguments"


@wrong(
    fails=ALL,
    hint={
        "en": "Which way does the gradient point, and which way do you want to go? How do your losses go on?",
        "ja": "勾配はどちらを向いていますか。進みたいのはどちらですか。損失はどう変わっていきますか。",
    },
)
def ascent(X, U0, V0, learning_rate, num_steps):
    """Adds the gradients: uphill."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U - 2 * learning_rate * rest @ V.T, V - 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=(LOSSES, LONG),
    hint={
        "en": "How many losses are there for num_steps = 0? Where in your loop is the one at the start?",
        "ja": "num_steps = 0 のとき、損失はいくつありますか。更新を始める前の損失は、ループのどこで記録していますか。",
    },
)
def losses_one_late(X, U0, V0, learning_rate, num_steps):
    """Records after each step only: the loss at the start is missing."""
    U, V, losses = U0, V0, []
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=(LOSSES, LONG),
    hint={
        "en": "Is the last of your losses the one at the U and V that you return?",
        "ja": "最後に記録した損失は、返している U と V での損失ですか。",
    },
)
def losses_without_the_last(X, U0, V0, learning_rate, num_steps):
    """Records before each step only: the loss at the end is missing."""
    U, V, losses = U0, V0, []
    for _ in range(num_steps):
        rest = X - U @ V
        losses.append(np.sum(rest**2))
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
    return U, V, np.array(losses)


@wrong(
    fails=(LOSSES, LONG),
    hint={
        "en": "Which norm of the residual do you record: the one whose gradient you use?",
        "ja": "記録しているのは残差のどのノルムですか。それは勾配を計算したノルムと同じですか。",
    },
)
def spectral_losses(X, U0, V0, learning_rate, num_steps):
    """Records the squared spectral norm."""
    U, V, losses = U0, V0, [np.linalg.norm(X - U0 @ V0, 2) ** 2]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(np.linalg.norm(X - U @ V, 2) ** 2)
    return U, V, np.array(losses)


@wrong(
    fails=(LOSSES, LONG),
    hint={
        "en": "Do you record the sum of the squares, or their mean?",
        "ja": "記録しているのは二乗の和ですか、それとも平均ですか。",
    },
)
def mean_losses(X, U0, V0, learning_rate, num_steps):
    """Records the mean of the squares."""
    U, V, losses = U0, V0, [np.mean((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(np.mean((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=(LOSSES, LONG),
    hint={
        "en": "Your losses are right, but in which kind of container do you return them?",
        "ja": "損失の値は合っていますが、どのような型で返していますか。",
    },
)
def losses_as_a_list(X, U0, V0, learning_rate, num_steps):
    """Returns the list in which the losses were collected."""
    U, V, losses = U0, V0, [float(np.sum((X - U0 @ V0) ** 2))]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(float(np.sum((X - U @ V) ** 2)))
    return U, V, losses


@wrong(
    fails=ALL,
    hint={
        "en": (
            "How long is your step compared with the learning rate times the gradient? What does the square give "
            "when it is differentiated?"
        ),
        "ja": "進む幅は、学習率と勾配の積に比べてどれだけですか。二乗を微分すると何が掛かりますか。",
    },
)
def factor_two_lost(X, U0, V0, learning_rate, num_steps):
    """Steps along half the gradient."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + learning_rate * rest @ V.T, V + learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=(SEVERAL, LOSSES, LONG),
    hint={
        "en": "At which U and V do you take the gradients in the second step?",
        "ja": "二回目の更新では、どの U と V での勾配を使っていますか。",
    },
)
def gradients_of_the_start(X, U0, V0, learning_rate, num_steps):
    """Calculates both gradients once, at the start."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    rest = X - U0 @ V0
    for_U, for_V = -2 * rest @ V0.T, -2 * U0.T @ rest
    for _ in range(num_steps):
        U, V = U - learning_rate * for_U, V - learning_rate * for_V
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=ALL,
    hint={
        "en": "When you move V, U is new already. At which U was the residual X - U V taken that you use then?",
        "ja": "V を更新するとき、U はすでに新しくなっています。そこで使う残差 X - U V は、どの U での値ですか。",
    },
)
def residual_of_the_old_pair(X, U0, V0, learning_rate, num_steps):
    """Moves V with the new U, but with the residual of the old one: a gradient at no point."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        U = U + 2 * learning_rate * rest @ V.T
        V = V + 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=ALL,
    hint={
        "en": "What happens to U in your loop? Could both factors be wrong at the start?",
        "ja": "ループの中で U はどうなりますか。最初は二つの因子のどちらも正しくないかもしれないのではないでしょうか。",
    },
)
def only_the_second_factor(X, U0, V0, learning_rate, num_steps):
    """Descends on V and keeps U."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        V = V + 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=ALL,
    hint={
        "en": "How many steps do you take for num_steps = 1? And for num_steps = 0?",
        "ja": "num_steps = 1 のとき、更新は何回行われますか。num_steps = 0 ではどうですか。",
    },
)
def a_step_too_many(X, U0, V0, learning_rate, num_steps):
    """Takes num_steps + 1 steps."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps + 1):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=ALL,
    hint={
        "en": "How many steps do you take for num_steps = 1? What stands in your losses then?",
        "ja": "num_steps = 1 のとき、更新は何回行われますか。そのとき損失には何が入っていますか。",
    },
)
def a_step_too_few(X, U0, V0, learning_rate, num_steps):
    """Takes num_steps - 1 steps."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps - 1):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=ALL,
    hint={
        "en": "Would one step change nothing if the learning rate were zero? Where do you use it?",
        "ja": "学習率が 0 なら、更新しても何も変わらないはずです。学習率はどこで使っていますか。",
    },
)
def without_the_learning_rate(X, U0, V0, learning_rate, num_steps):
    """Subtracts the whole gradients."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * rest @ V.T, V + 2 * U.T @ rest
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=("test_leaves_its_arguments_as_they_are",),
    hint={
        "en": "Whose matrices do you change with `+=`? Print U0 before and after the call: is it still the same?",
        "ja": "`+=` で変えているのは誰の行列ですか。呼び出しの前後で U0 を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def updates_in_place(X, U0, V0, learning_rate, num_steps):
    """Changes the caller's U0 and V0."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        rest = X - U @ V
        for_U, for_V = -2 * rest @ V.T, -2 * U.T @ rest
        U += -learning_rate * for_U
        V += -learning_rate * for_V
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    fails=("test_leaves_its_arguments_as_they_are",),
    hint={
        "en": "After `U = U0` both names stand for one matrix. What does `U -= ...` do to U0 then?",
        "ja": "`U = U0` のあと、二つの名前は同じ行列を指しています。そこで `U -= ...` とすると、U0 はどうなりますか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def updates_in_place_one_by_one(X, U0, V0, learning_rate, num_steps):
    """Changes the caller's U0 and V0, U before V."""
    U, V, losses = U0, V0, [np.sum((X - U0 @ V0) ** 2)]
    for _ in range(num_steps):
        U -= -2 * learning_rate * (X - U @ V) @ V.T
        V -= -2 * learning_rate * U.T @ (X - U @ V)
        losses.append(np.sum((X - U @ V) ** 2))
    return U, V, np.array(losses)


@wrong(
    framework="torch",
    fault="read",
    fails=(DEVICE,),
    hint={
        "en": "What does the CPU wait for at each `item()`? When do you first need the losses as numbers?",
        "ja": "`item()` のたびに、CPU は何を待ちますか。損失が数として必要になるのはいつですか。",
    },
)
def reads_each_loss(X, U0, V0, learning_rate, num_steps):
    """Reads a number back at every step."""
    U, V, losses = U0, V0, [((X - U0 @ V0) ** 2).sum().item()]
    for _ in range(num_steps):
        rest = X - U @ V
        U, V = U + 2 * learning_rate * rest @ V.T, V + 2 * learning_rate * U.T @ rest
        losses.append(((X - U @ V) ** 2).sum().item())
    return U, V, torch.tensor(losses, dtype=X.dtype, device=X.device)
