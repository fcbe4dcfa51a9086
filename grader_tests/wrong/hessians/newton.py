"""What students answer for Newton's method.

Order matters: a point that is nearly right fits several mistakes, and the first that fits is named.
"""

import numpy as np

from nabla.checks import wrong

STEPS, ONE = "test_takes_newtons_steps_and_counts_them", "test_needs_one_step_on_a_quadratic"
STOP, POINTS = (
    "test_stops_at_the_first_point_that_is_good_enough",
    "test_asks_for_gradients_at_the_points_of_the_method",
)
MOST, CYCLE = "test_takes_max_steps_steps_and_no_more", "test_says_so_where_it_goes_back_and_forth"
KEPT = "test_leaves_its_argument_as_it_is"


@wrong(
    fails=(MOST, CYCLE),
    hint={
        "en": "Your function returns a point although no point has passed the test. How could the caller know?",
        "ja": "条件を満たす点がないのに、点を返しています。呼び出した側は、どうすればそれがわかりますか。",
    },
)
def silent_about_failure(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Returns the last point where a RuntimeError is asked for."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    return x, max_steps


@wrong(
    fails=(STEPS, STOP, POINTS, MOST),
    hint={
        "en": "The function curves differently at the next point. Which point does your Hessian belong to?",
        "ja": "次の点では関数の曲がり方が違います。使っているヘッセ行列はどの点のものですか。",
    },
)
def hessian_kept_from_the_start(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Computes the Hessian once, at x0."""
    x, hessian = x0, None
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        hessian = hess_f(x0) if hessian is None else hessian
        x = x - np.linalg.solve(hessian, gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, ONE, STOP, POINTS, MOST),
    hint={
        "en": "What do you compare with tol: the length of the gradient at x, or that of the step? When is it tested?",
        "ja": "tol と比べているのは、x での勾配の長さですか、一歩の長さですか。いつ調べていますか。",
    },
)
def looks_at_the_step(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Stops when the step is short: one step late."""
    x = x0
    for steps in range(1, max_steps + 1):
        step = np.linalg.solve(hess_f(x), grad_f(x))
        x = x - step
        if np.sqrt(np.sum(step**2)) <= tol:
            return x, steps
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, ONE, STOP, POINTS, MOST, CYCLE),
    hint={
        "en": "How many steps are needed if x0 is good enough already? Does your loop look at the gradient?",
        "ja": "x0 がすでに十分よい点であれば、何歩必要ですか。ループの中で勾配の長さを調べていますか。",
    },
)
def never_stops(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Takes max_steps steps, come what may."""
    x = x0
    for _ in range(max_steps):
        x = x - np.linalg.solve(hess_f(x), grad_f(x))
    return x, max_steps


@wrong(
    fails=(STEPS, ONE, STOP, MOST),
    hint={
        "en": "Which point passed the test, and which one do you return?",
        "ja": "条件を満たしたのはどの点ですか。返しているのはどの点ですか。",
    },
)
def last_update_lost(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Returns the point before the last step."""
    x = before = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return before, steps
        before = x
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, ONE, STOP, POINTS, MOST, KEPT),
    hint={
        "en": "In which direction does the step point? Does the method get nearer to the critical point?",
        "ja": "一歩はどちらを向いていますか。臨界点に近づいていますか。",
    },
)
def wrong_sign(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Adds the step."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        x = x + np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, ONE, STOP, POINTS, MOST),
    hint={
        "en": "This is gradient descent. What is the Hessian for?",
        "ja": "これは勾配降下法です。ヘッセ行列は何のためにありますか。",
    },
)
def gradient_descent(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Steps along the gradient and never asks for the Hessian."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        x = x - gradient
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, ONE, STOP, MOST),
    hint={
        "en": "How many steps have been taken when x0 itself is returned?",
        "ja": "x0 そのものを返すとき、それまでに何歩進みましたか。",
    },
)
def counts_points(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Counts the points that were tested, one more than the steps."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps + 1
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(ONE,),
    hint={
        "en": "Which entries of the Hessian does your step use? When are the others zero?",
        "ja": "一歩の計算で、ヘッセ行列のどの成分を使っていますか。ほかの成分が 0 なのはどのようなときですか。",
    },
)
def diagonal_only(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Divides the gradient by the diagonal of the Hessian."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        if steps < max_steps:
            x = x - gradient / np.diag(hess_f(x))
    raise RuntimeError("no convergence")


@wrong(
    fails=(STOP,),
    hint={
        "en": "How long is a vector with the entries 3 and 4? How do you measure it?",
        "ja": "成分が 3 と 4 のベクトルの長さはいくつですか。長さをどのように測っていますか。",
    },
)
def largest_entry(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Compares the largest entry of the gradient with tol."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.max(np.abs(gradient)) <= tol:
            return x, steps
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, STOP, POINTS),
    hint={
        "en": "The caller can ask for another tolerance. Where does your code use it?",
        "ja": "呼び出す側は別の許容誤差を指定できます。コードのどこでそれを使っていますか。",
    },
)
def ignores_tol(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Writes 1e-10 into the code."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= 1e-10:
            return x, steps
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(MOST,),
    hint={
        "en": "The point after the last step has not been tested. Could it be good enough?",
        "ja": "最後の一歩のあとの点は、まだ調べられていません。それで十分かもしれないのではありませんか。",
    },
)
def last_point_not_tested(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Gives up after max_steps tests, before the last step has been looked at."""
    x = x0
    for steps in range(max_steps):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(MOST,),
    hint={
        "en": "The caller may allow fewer steps. Where does your code use max_steps?",
        "ja": "呼び出す側は、もっと少ない回数を指定することもできます。コードのどこで max_steps を使っていますか。",
    },
)
def ignores_max_steps(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Writes 50 into the code."""
    x = x0
    for steps in range(51):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose point do you move with `-=`? Print x0 before and after the call: is it still the same?",
        "ja": "`-=` で動かしているのは誰の点ですか。呼び出しの前後で x0 を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_the_callers_point(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Moves x0 itself."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sqrt(np.sum(gradient**2)) <= tol:
            return x, steps
        if steps < max_steps:
            x -= np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")


@wrong(
    fails=(STEPS, STOP, POINTS, MOST),
    hint={
        "en": "Is what you compare with tol a length, or the square of one?",
        "ja": "tol と比べているのは長さですか、それとも長さの 2 乗ですか。",
    },
)
def square_of_the_length(grad_f, hess_f, x0, tol=1e-10, max_steps=50):
    """Forgets the root, and stops a step early where the gradient is short."""
    x = x0
    for steps in range(max_steps + 1):
        gradient = grad_f(x)
        if np.sum(gradient**2) <= tol:
            return x, steps
        if steps < max_steps:
            x = x - np.linalg.solve(hess_f(x), gradient)
    raise RuntimeError("no convergence")
