"""What students answer for the sweep from w."""

from nabla.checks import wrong

U, V, F = "test_the_derivative_of_u_is_right", "test_the_derivative_of_v_is_right", "test_the_derivative_of_f_is_right"
POINTS = "test_has_results_for_each_point"
ALL = (U, V, F, POINTS)


@wrong(
    fails=ALL,
    hint={
        "en": "Which values of the second column move when w does? Try a point where b is not 0.",
        "ja": "w を動かすと、二列目のどの値が動きますか。b が 0 でない点で試してみましょう。",
    },
)
def paths_through_b_lost(w, x, y, z):
    """Lets w move a only: everything through b is lost."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p, 2 * (a - b) * 2 * p
    return du, dv, outer * (du + dv)


@wrong(
    fails=(V, F, POINTS),
    hint={
        "en": "If b grows alone, does a - b grow or fall?",
        "ja": "b だけを増やすと、a - b は増えますか、減りますか。",
    },
)
def sign_of_v_by_b(w, x, y, z):
    """Forgets the minus sign in the derivative of v by b."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p + 2 * (a - b) * 2 * q
    return du, dv, outer * (du + dv)


@wrong(
    fails=(F, POINTS),
    hint={
        "en": "What you have for v is right. Where does it enter the derivative of f?",
        "ja": "v についての答えは合っています。それは f の微分のどこに入りますか。",
    },
)
def path_through_v_lost(w, x, y, z):
    """Takes f to depend on u alone."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p - 2 * (a - b) * 2 * q
    return du, dv, outer * du


@wrong(
    fails=(F, POINTS),
    hint={
        "en": "Which number comes down when (u + v)^2 is differentiated?",
        "ja": "(u + v)^2 を微分すると、前にどんな数が出てきますか。",
    },
)
def outer_factor_lost(w, x, y, z):
    """Forgets the 2 of the last square."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p - 2 * (a - b) * 2 * q
    return du, dv, outer * (du + dv) / 2


@wrong(
    fails=(F, POINTS),
    hint={
        "en": "How much do u and v move, and how much does f move when they do? Which of the two do you return?",
        "ja": "u と v はどれだけ動き、それらが動くと f はどれだけ動きますか。返しているのはどちらですか。",
    },
)
def last_step_lost(w, x, y, z):
    """Adds the derivatives of u and v for that of f."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p - 2 * (a - b) * 2 * q
    return du, dv, du + dv


@wrong(
    fails=ALL,
    hint={
        "en": "You know how u moves with a and with b. How do a and b move with w?",
        "ja": "u が a と b によってどう動くかはできています。a と b は w によってどう動きますか。",
    },
)
def innermost_step_lost(w, x, y, z):
    """Stops at a and b: the derivatives of p^2 and q^2 by w are lost."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) + 2 * (a + b), 2 * (a - b) - 2 * (a - b)
    return du, dv, outer * (du + dv)


@wrong(
    fails=ALL,
    hint={
        "en": "a is a square: how fast does it grow when the sum inside grows by a little?",
        "ja": "a は二乗です。中の和が少し増えると、a はどれだけの速さで増えますか。",
    },
)
def squares_of_a_and_b_lost(w, x, y, z):
    """Takes a and b to move as much as w does."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * p + 2 * (a + b) * q, 2 * (a - b) * p - 2 * (a - b) * q
    return du, dv, outer * (du + dv)


@wrong(
    fails=ALL,
    hint={
        "en": "With which sign does w stand in the second sum?",
        "ja": "w は二つ目の和の中でどの符号をもっていますか。",
    },
)
def derivative_for_y(w, x, y, z):
    """Uses the minus sign of y and z in b: the sweep from y."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p - 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p + 2 * (a - b) * 2 * q
    return du, dv, outer * (du + dv)


@wrong(
    fails=(U, V, POINTS),
    hint={
        "en": "Which of your first two results belongs to a + b, and in which order are they asked for?",
        "ja": "初めの二つの結果のうち、a + b に対応するのはどちらですか。求められている順序はどうですか。",
    },
)
def u_and_v_swapped(w, x, y, z):
    """Has the first two results in the wrong order."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p - 2 * (a - b) * 2 * q
    return dv, du, outer * (du + dv)


@wrong(
    fails=ALL,
    hint={
        "en": "The sweep goes through u and v. How many numbers does the docstring ask for?",
        "ja": "計算は u と v を通って進みます。docstring が求めている数はいくつですか。",
    },
)
def f_alone(w, x, y, z):
    """Returns the derivative of f without those of u and v."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    du, dv = 2 * (a + b) * 2 * p + 2 * (a + b) * 2 * q, 2 * (a - b) * 2 * p - 2 * (a - b) * 2 * q
    return outer * (du + dv)
