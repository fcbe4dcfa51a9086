"""What students answer for backpropagation."""

from nabla.checks import wrong

UV, AB = "test_the_derivatives_for_u_and_v_are_right", "test_the_derivatives_for_a_and_b_are_right"
WX, YZ = "test_the_derivatives_for_w_and_x_are_right", "test_the_derivatives_for_y_and_z_are_right"
POINTS = "test_has_results_for_each_point"
ALL = (UV, AB, WX, YZ, POINTS)


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "Does it matter to f whether b moves? Try a point where w + x and y + z differ.",
        "ja": "b を動かすと f は変わりませんか。w + x と y + z が異なる点で試してみましょう。",
    },
)
def b_path_lost(w, x, y, z):
    """Leaves out everything that goes through b: right at the chapter's own point."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = 0 * outer
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
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
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) + outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "Two edges lead from a onwards. What have you done with what came back along the first one?",
        "ja": "a から先へは辺が二本出ています。一本目を通って戻ってきた分はどうしましたか。",
    },
)
def overwrites_in_a_and_b(w, x, y, z):
    """Keeps what comes last in a and b, from v, and loses what came from u."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a - b)
    tb = -outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "Which paths lead from a to f? How many terms does the derivative for a have then?",
        "ja": "a から f への経路はどれとどれですか。すると、a についての微分には項がいくつありますか。",
    },
)
def only_through_u(w, x, y, z):
    """Sends everything back through u and nothing through v."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b)
    tb = outer * 2 * (a + b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(WX, YZ, POINTS),
    hint={
        "en": "Each input has two edges. What do you do with the contribution that arrives first?",
        "ja": "どの入力からも辺が二本出ています。先に届いた分はどうしていますか。",
    },
)
def overwrites_at_the_inputs(w, x, y, z):
    """Keeps what comes last at the inputs, from b, and loses what came from a."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ib = tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ib, "x": ib, "y": -ib, "z": -ib}


@wrong(
    fails=(YZ, POINTS),
    hint={
        "en": "With which sign does y stand in the second sum? What happens to b when y grows?",
        "ja": "y は二つ目の和の中でどの符号をもっていますか。y を増やすと b はどうなりますか。",
    },
)
def sign_of_b_by_y(w, x, y, z):
    """Forgets the minus sign of y and z in b."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, **dict.fromkeys("wxyz", ia + ib)}


@wrong(
    fails=(WX, YZ, POINTS),
    hint={
        "en": "Which two inputs enter both sums with the same sign?",
        "ja": "どちらの和にも同じ符号で入る入力は、どれとどれですか。",
    },
)
def sign_of_x(w, x, y, z):
    """Pairs w with y instead of with x."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia - ib, "y": ia + ib, "z": ia - ib}


@wrong(
    fails=(WX, YZ, POINTS),
    hint={
        "en": "Which inputs have a minus sign in the second sum?",
        "ja": "二つ目の和でマイナスの符号がつく入力はどれですか。",
    },
)
def groups_swapped(w, x, y, z):
    """Gives w and x what belongs to y and z."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia - ib, "x": ia - ib, "y": ia + ib, "z": ia + ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "The derivative for a adds two terms that the one for b subtracts. Which of yours is which?",
        "ja": "a についての微分では足される項が、b についての微分では引かれます。返しているのはどちらがどちらですか。",
    },
)
def a_and_b_swapped(w, x, y, z):
    """Exchanges the derivatives for a and for b."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) - outer * 2 * (a - b)
    tb = outer * 2 * (a + b) + outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=ALL,
    hint={
        "en": (
            "Each square brings a factor 2 when it is differentiated. "
            "How many squares lie between this node and f, and how many twos have you?"
        ),
        "ja": (
            "二乗を微分すると、一つごとに因数 2 が出てきます。"
            "この節点から f までに二乗はいくつあり、2 をいくつ掛けましたか。"
        ),
    },
)
def outer_factor_lost(w, x, y, z):
    """Forgets the 2 of the last square."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = (a + b) ** 2 + (a - b) ** 2
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "Is this how f moves, or how the next node moves? By what must it be multiplied?",
        "ja": "これは f の動きですか、それとも次の節点の動きですか。何を掛ける必要がありますか。",
    },
)
def single_steps(w, x, y, z):
    """Puts the derivatives of single steps in the place of those of f."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = 2 * (a + b) + 2 * (a - b)
    tb = 2 * (a + b) - 2 * (a - b)
    ia, ib = 2 * p, 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=ALL,
    hint={
        "en": "How much does f = (u + v)^2 move when u does: as much as u itself?",
        "ja": "u が動くと、f = (u + v)^2 はどれだけ動きますか。u と同じだけですか。",
    },
)
def outer_step_lost(w, x, y, z):
    """Starts with 1 at u and v, as if f were u + v."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 1 + 0 * a
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(AB, WX, YZ, POINTS),
    hint={
        "en": "What is the derivative of the square of a + b, with all its factors?",
        "ja": "a + b の二乗の微分は、因数をすべて書くと何になりますか。",
    },
)
def middle_factor_lost(w, x, y, z):
    """Forgets the 2 of the squares of a + b and a - b."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * (a + b) + outer * (a - b)
    tb = outer * (a + b) - outer * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(WX, YZ, POINTS),
    hint={
        "en": "What is the derivative of a, the square of a sum, when w moves?",
        "ja": "和の二乗である a は、w を動かすとどれだけの速さで変わりますか。",
    },
)
def inner_factor_lost(w, x, y, z):
    """Forgets the 2 of the squares of the two sums."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * p, tb * q
    return {"u": outer, "v": outer, "a": ta, "b": tb, "w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(UV, AB, POINTS),
    hint={
        "en": "Which nodes lie between the inputs and f? Has your dict a key for each of them?",
        "ja": "入力と f の間にはどの節点がありますか。辞書にはそれぞれのキーがありますか。",
    },
)
def inputs_only(w, x, y, z):
    """Returns the derivatives for the inputs alone."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {"w": ia + ib, "x": ia + ib, "y": ia - ib, "z": ia - ib}


@wrong(
    fails=(POINTS,),
    hint={
        "en": "You got several points at once. Should their derivatives be added?",
        "ja": "一度に複数の点が渡されました。それらの微分を足し合わせてよいのでしょうか。",
    },
)
def adds_the_points_up(w, x, y, z):
    """Sums over the points where several are given, as a loss over a batch would."""
    p, q = w + x + y + z, w + x - y - z
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    ia, ib = ta * 2 * p, tb * 2 * q
    return {
        k: getattr(n, "sum", lambda n=n: n)()
        for k, n in zip("uvabwxyz", (outer, outer, ta, tb, ia + ib, ia + ib, ia - ib, ia - ib), strict=True)
    }
