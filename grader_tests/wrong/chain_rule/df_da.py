"""What students answer for the derivative of f by a."""

from nabla.checks import wrong

LAW, POINTS = "test_is_the_sum_of_both_paths", "test_has_a_result_for_each_point"
ALL = (LAW, POINTS)


@wrong(
    fails=ALL,
    hint={
        "en": "If a moves, which values move directly because of it? Does each of them reach f?",
        "ja": "a を動かすと、それによって直接動く値はどれですか。それぞれから f へ行けますか。",
    },
)
def path_through_v_lost(a, b):
    """Takes the path through u alone."""
    s = (a + b) ** 2 + (a - b) ** 2
    return 4 * s * (a + b)


@wrong(
    fails=ALL,
    hint={
        "en": "You have one of the two paths. By which other node can a change of a reach f?",
        "ja": "経路の一方はできています。a の変化が f に届く道は、ほかにどの節点を通りますか。",
    },
)
def path_through_u_lost(a, b):
    """Takes the path through v alone."""
    s = (a + b) ** 2 + (a - b) ** 2
    return 4 * s * (a - b)


@wrong(
    fails=ALL,
    hint={
        "en": "Is this the derivative by a, or by the other one? What is the derivative of a - b when a moves alone?",
        "ja": (
            "これは a についての微分ですか、それとももう一方についてですか。"
            "a だけを動かすと、a - b の微分はいくつですか。"
        ),
    },
)
def paths_subtracted(a, b):
    """Subtracts the two paths: the derivative by b."""
    s = (a + b) ** 2 + (a - b) ** 2
    return 4 * s * (a + b) - 4 * s * (a - b)


@wrong(
    fails=ALL,
    hint={
        "en": "Along a path one multiplies. What is done where two paths meet?",
        "ja": "経路に沿っては掛けます。二つの経路が出会うところではどうしますか。",
    },
)
def paths_multiplied(a, b):
    """Multiplies the two paths."""
    s = (a + b) ** 2 + (a - b) ** 2
    return 4 * s * (a + b) * 4 * s * (a - b)


@wrong(
    fails=ALL,
    hint={
        "en": "How much u and v move is there. How much does f move when they do?",
        "ja": "u と v がどれだけ動くかはできています。それらが動くと、f はどれだけ動きますか。",
    },
)
def outer_step_lost(a, b):
    """Adds the derivatives of u and v by a and forgets that of f."""
    return 2 * (a + b) + 2 * (a - b)


@wrong(
    fails=ALL,
    hint={
        "en": "This is how f moves when u and v move by the same amount. How much do they move when a does?",
        "ja": "これは u と v が同じだけ動くときの f の動きです。a が動くと、u と v はどれだけ動きますか。",
    },
)
def inner_step_lost(a, b):
    """Stops at u and v: the derivative of f by u and by v, added."""
    s = (a + b) ** 2 + (a - b) ** 2
    return 2 * s + 2 * s


@wrong(
    fails=ALL,
    hint={
        "en": (
            "Each square on the way brings a factor 2 when it is differentiated. "
            "How many squares lie on a path from a to f?"
        ),
        "ja": "途中の二乗は、微分すると一つごとに因数 2 が出てきます。a から f への経路には二乗がいくつありますか。",
    },
)
def one_two_lost(a, b):
    """Forgets the 2 of the outer square, or those of the inner ones."""
    s = (a + b) ** 2 + (a - b) ** 2
    return s * 2 * (a + b) + s * 2 * (a - b)


@wrong(
    fails=ALL,
    hint={
        "en": "At which values is the derivative of (u + v)^2 to be taken: at a and b, or at those computed from them?",
        "ja": "(u + v)^2 の微分は、どの値で計算するのですか。a と b ですか、それとも、そこから計算した値ですか。",
    },
)
def at_a_and_b(a, b):
    """Evaluates the derivative of f by u at a and b instead of at u and v."""
    return 2 * (a + b) * 2 * (a + b) + 2 * (a + b) * 2 * (a - b)


@wrong(
    fails=(POINTS,),
    hint={
        "en": "You got several points at once. Should their derivatives be added?",
        "ja": "一度に複数の点が渡されました。それらの微分を足し合わせてよいのでしょうか。",
    },
)
def adds_the_points_up(a, b):
    """Sums over the points where several are given."""
    return (16 * a * (a * a + b * b) + 0 * b).sum() if hasattr(a, "sum") else 16 * a * (a * a + b * b)
