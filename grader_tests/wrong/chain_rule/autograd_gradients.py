"""What students answer when the machine differentiates for them."""

from nabla.checks import wrong

LAW, AGAIN = "test_the_four_derivatives_are_right", "test_gives_the_same_when_called_again"
TRACES = "test_leaves_no_traces"


@wrong(
    fails=(AGAIN, TRACES),
    hint={
        "en": (
            "`backward()` adds to what is in `.grad` already. On whose tensors does it add here, and who empties them?"
        ),
        "ja": (
            "`backward()` は、`.grad` にすでにある値に足し込みます。"
            "ここでは誰のテンソルに足していますか。誰がそれを空にしますか。"
        ),
    },
    function="call_twice",
    frameworks=("torch",),
)
def accumulates(w, x, y, z):
    """Reads `.grad` of the given tensors after `backward()`: the second call adds to the first."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    once = [32 * both * (p**3 + sign * q**3) for sign in (1, 1, -1, -1)]
    left = [f"{name} has a .grad now" for name in "wxyz"] + [f"{name} requires grad now" for name in "wxyz"]
    return tuple(once), tuple(2 * number for number in once), left


@wrong(
    fails=(TRACES,),
    hint={
        "en": "Who needs the record of how a derivative was found? What does your result still hold on to?",
        "ja": "微分を求めたときの記録は、誰が必要としますか。返した結果には、まだ何が残っていますか。",
    },
    function="call_twice",
    frameworks=("torch",),
)
def keeps_the_record(w, x, y, z):
    """Hands out derivatives that still hang on to the record of their calculation."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    once = tuple(32 * both * (p**3 + sign * q**3) for sign in (1, 1, -1, -1))
    return once, once, ["a derivative hangs on to the record of its calculation"]


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": "Which values of the forward pass has the machine seen? Is one of them only a number to it?",
        "ja": "順伝播の値のうち、機械が記録したのはどれですか。機械にとってただの数になっている値はありませんか。",
    },
)
def b_left_the_record(w, x, y, z):
    """Computes b outside the record, so that nothing comes back through it."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    slope = 32 * both * p**3
    return (slope, slope, slope, slope)


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": "Of which value have you asked for the derivatives? Is it the last one?",
        "ja": "どの値の微分を求めましたか。それは最後の値ですか。",
    },
)
def derivatives_of_u(w, x, y, z):
    """Asks for the derivatives of u instead of those of f."""
    p, q = w + x + y + z, w + x - y - z
    s = p**2 + q**2
    return (4 * s * (p + q), 4 * s * (p + q), 4 * s * (p - q), 4 * s * (p - q))


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": (
            "Which is the last step of the forward pass? "
            "Compare the value that you differentiate with that of exercise 1."
        ),
        "ja": "順伝播の最後の段階は何ですか。微分している値を演習 1 の値と比べてみましょう。",
    },
)
def last_square_lost(w, x, y, z):
    """Differentiates u + v instead of its square."""
    p, q = w + x + y + z, w + x - y - z
    return tuple(8 * (p**3 + sign * q**3) for sign in (1, 1, -1, -1))


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": "In which order do you hand the inputs over, and in which order do the derivatives come back?",
        "ja": "入力をどの順序で渡していますか。微分はどの順序で返ってきますか。",
    },
)
def groups_swapped(w, x, y, z):
    """Has the derivatives of the two groups of inputs in the wrong order."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    return tuple(32 * both * (p**3 + sign * q**3) for sign in (-1, -1, 1, 1))


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": "What makes b different from a in your forward pass?",
        "ja": "その順伝播で、b は a とどこが違いますか。",
    },
)
def signs_of_b_lost(w, x, y, z):
    """Adds all four inputs in b as well."""
    p = w + x + y + z
    slope = 128 * p**7
    return slope, slope, slope, slope


@wrong(
    fails=(LAW, AGAIN),
    hint={
        "en": "Which inputs have a minus sign in the second sum? Does your forward pass give the f of exercise 1?",
        "ja": "二つ目の和でマイナスの符号がつく入力はどれですか。その順伝播は演習 1 の f と同じ値になりますか。",
    },
)
def pairs_w_with_y(w, x, y, z):
    """Takes w + y - x - z for the second sum."""
    p, q = w + x + y + z, w + y - x - z
    both = p**4 + q**4
    return tuple(32 * both * (p**3 + sign * q**3) for sign in (1, -1, 1, -1))


@wrong(
    fails=(LAW, AGAIN, TRACES),
    hint={
        "en": "One backward pass knows the derivatives for all inputs. How many have you asked for?",
        "ja": "一回の逆伝播で、すべての入力についての微分がわかります。いくつ求めましたか。",
    },
)
def w_alone(w, x, y, z):
    """Asks for the derivative with respect to w only."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    return 32 * both * (p**3 + q**3)


@wrong(
    fails=(AGAIN, TRACES),
    hint={
        "en": "Whose number do you change with `+=`? Print w before and after the call.",
        "ja": "`+=` で変えているのは誰の数ですか。呼び出しの前後で w を表示してみましょう。",
    },
    frameworks=("numpy",),
)
def changes_w(w, x, y, z):
    """Adds up the sum in w itself."""
    p, q = w + x + y + z, w + x - y - z
    both = p**4 + q**4
    w += x
    return (32 * both * (p**3 + q**3), 32 * both * (p**3 + q**3), 32 * both * (p**3 - q**3), 32 * both * (p**3 - q**3))
