"""What students answer for one step of Newton's method.

Order matters: for a zero Hessian several mistakes give the same, and the first that fits is named.
"""

from typing import TYPE_CHECKING

import numpy as np

from nabla.checks import wrong

if TYPE_CHECKING:
    import torch

CENTRE, BATCH = "test_goes_to_the_critical_point_of_the_quadratic", "test_solves_many_problems_at_once"
ILL = "test_solves_ill_conditioned_problems_as_well_as_floats_allow"
SINGULAR, KEPT = "test_refuses_a_singular_hessian", "test_leaves_its_arguments_as_they_are"
DEVICE = "test_stays_on_the_device_of_its_arguments"


@wrong(
    fails=(SINGULAR,),
    hint={
        "en": "A singular system has no solution or many. What does least squares tell you about that?",
        "ja": "特異な連立方程式には解がないか、無数にあります。最小二乗解からそれがわかりますか。",
    },
)
def answers_for_singular_hessians(gradient, hessian, x):
    """Uses least squares, which always has an answer."""
    if x.ndim == 1:
        return x - np.linalg.lstsq(hessian, gradient, rcond=None)[0]
    triples = zip(gradient, hessian, x, strict=True)
    return np.array([point - np.linalg.lstsq(matrix, slope, rcond=None)[0] for slope, matrix, point in triples])


@wrong(
    fails=(CENTRE, BATCH, ILL),
    hint={
        "en": "The gradient of the quadratic after the step shall be zero. Which sign does that give the step?",
        "ja": "進んだ先で、二次関数の勾配が 0 にならなければなりません。そのとき一歩の符号はどうなりますか。",
    },
)
def wrong_sign(gradient, hessian, x):
    """Adds the solution."""
    return x + np.linalg.solve(hessian, gradient[..., None])[..., 0]


@wrong(
    fails=(CENTRE, BATCH, ILL, SINGULAR),
    hint={
        "en": "This is a step of gradient descent. Where does the Hessian come in?",
        "ja": "これは勾配降下法の一歩です。ヘッセ行列はどこで使いますか。",
    },
)
def gradient_step(gradient, hessian, x):
    """Subtracts the gradient itself."""
    return x - gradient


@wrong(
    fails=(CENTRE, BATCH, ILL, SINGULAR),
    hint={
        "en": "Where the function curves more, should the step be longer or shorter? What does your product do?",
        "ja": "関数が大きく曲がっているところでは、一歩を長くすべきですか、短くすべきですか。その積ではどうですか。",
    },
)
def multiplies_by_the_hessian(gradient, hessian, x):
    """Multiplies by the Hessian, where its inverse is meant."""
    return x - (hessian @ gradient[..., None])[..., 0]


@wrong(
    fails=(CENTRE, BATCH, ILL, SINGULAR),
    hint={
        "en": "Does moving one variable change the other components of the gradient? Which entries say so?",
        "ja": "一つの変数を動かすと、勾配のほかの成分も変わりますか。それを表すのはどの成分ですか。",
    },
)
def diagonal_only(gradient, hessian, x):
    """Divides by the diagonal."""
    with np.errstate(all="ignore"):
        return x - gradient / np.diagonal(hessian, axis1=-2, axis2=-1)


@wrong(
    fails=(CENTRE, BATCH),
    hint={
        "en": "Is your result the new point, or how to get there?",
        "ja": "返しているのは新しい点ですか、それともそこへの進み方ですか。",
    },
)
def step_alone(gradient, hessian, x):
    """Returns the step and not the point."""
    return -np.linalg.solve(hessian, gradient[..., None])[..., 0]


@wrong(
    fails=(ILL,),
    hint={
        "en": "Do you need the inverse itself, or the solution of one system of equations?",
        "ja": "必要なのは逆行列そのものですか、それとも一つの連立方程式の解ですか。",
    },
)
def inverts(gradient, hessian, x):
    """Makes the inverse, which loses digits where the Hessian is ill-conditioned."""
    return x - (np.linalg.inv(hessian) @ gradient[..., None])[..., 0]


@wrong(
    fails=(CENTRE, BATCH, ILL),
    hint={
        "en": "Your solver asks for a positive definite matrix. Is the Hessian always one?",
        "ja": "使っている解法は正定値の行列を必要とします。ヘッセ行列はいつも正定値ですか。",
    },
)
def positive_definite_only(gradient, hessian, x):
    """Uses the Cholesky factorisation, which an indefinite Hessian does not have."""
    lower = np.linalg.cholesky(hessian)
    half = np.linalg.solve(lower, gradient[..., None])
    return x - np.linalg.solve(np.swapaxes(lower, -2, -1), half)[..., 0]


@wrong(
    fails=(ILL,),
    hint={
        "en": "The determinant of a thousandth of the identity is small as well. Is that matrix singular?",
        "ja": "単位行列の 1000 分の 1 も、行列式は小さくなります。その行列は特異ですか。",
    },
)
def refuses_small_determinants(gradient, hessian, x):
    """Takes a small determinant for a singular matrix."""
    if np.any(np.abs(np.linalg.det(hessian)) < 1e-10):
        raise ValueError("singular")
    return x - np.linalg.solve(hessian, gradient[..., None])[..., 0]


@wrong(
    fails=(BATCH,),
    hint={
        "en": "Which shape does the solver expect for k right-hand sides? How do you make columns of them?",
        "ja": "行列ごとに一つずつ、k 個の右辺を渡すとき、どのような形が必要ですか。列ベクトルにするにはどうしますか。",
    },
    frameworks=("numpy", "tensorflow", "jax"),
)
def rows_as_one_matrix(gradient, hessian, x):
    """Hands over (k, n) as it is: an error, or a result of shape (n, n, n) where k = n."""
    return x - np.linalg.solve(hessian, gradient)


@wrong(
    fails=(BATCH,),
    hint={
        "en": "Your result for k problems has one point. Which problem does it belong to?",
        "ja": "k 個の問題に対して、結果は一点だけです。それはどの問題の答えですか。",
    },
)
def first_problem_only(gradient, hessian, x):
    """Solves the first problem of a batch; it looks at the others only to see that they are not singular."""
    step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    return x - step if x.ndim == 1 else x[0] - step[0]


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose point do you move with `-=`? Print x before and after the call: is it still the same?",
        "ja": "`-=` で動かしているのは誰の点ですか。呼び出しの前後で x を表示してみましょう。同じままですか。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def moves_in_place(gradient, hessian, x):
    """Moves the caller's own point."""
    x -= np.linalg.solve(hessian, gradient[..., None])[..., 0]
    return x


@wrong(
    fails=(ILL, SINGULAR),
    hint={
        "en": "Every matrix has a pseudoinverse, a singular one too. How does the caller learn that there is no step?",
        "ja": "擬似逆行列は、特異な行列にもあります。進むべき一歩がないことを、呼び出した側はどうやって知りますか。",
    },
)
def pseudoinverse(gradient, hessian, x):
    """Makes the pseudoinverse: no error for a singular Hessian, and fewer digits for an ill-conditioned one."""
    return x - (np.linalg.pinv(hessian) @ gradient[..., None])[..., 0]


@wrong(
    framework="torch",
    fault="numpy",
    fails=(DEVICE,),
    hint={
        "en": "Where does NumPy compute, and what has to travel there and back? Who else solves linear systems?",
        "ja": "NumPy はどこで計算しますか。そのために何を往復させますか。ほかに連立方程式を解けるものはありますか。",
    },
)
def solves_in_numpy(gradient, hessian, x):
    """Has NumPy solve, on the CPU."""
    step = np.linalg.solve(hessian.numpy(), gradient.numpy()[..., None])[..., 0]
    return x - torch.from_numpy(step)


@wrong(
    framework="torch",
    fault="loop",
    fails=(DEVICE,),
    hint={
        "en": "How often do you call the solver for k problems? What could it do with all of them at once?",
        "ja": "k 個の問題に対して、解く関数を何回呼んでいますか。まとめて渡したらどうなるでしょうか。",
    },
)
def one_problem_at_a_time(gradient, hessian, x):
    """Loops over the batch in Python."""
    if x.ndim == 1:
        return x - torch.linalg.solve(hessian, gradient)
    return torch.stack([x[i] - torch.linalg.solve(hessian[i], gradient[i]) for i in range(len(x))])
