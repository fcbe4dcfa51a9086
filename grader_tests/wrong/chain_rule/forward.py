"""What students answer for the forward pass."""

from nabla.checks import wrong

AB, UV, F = "test_a_and_b_are_right", "test_u_and_v_are_right", "test_f_is_right"
POINTS = "test_has_values_for_each_point"
ALL = (AB, UV, F, POINTS)


@wrong(
    fails=ALL,
    hint={
        "en": "Which two inputs stay together in the second sum? Compare the signs, one by one.",
        "ja": "二つ目の和で、同じ符号のままの入力はどれとどれですか。符号を一つずつ比べてみましょう。",
    },
)
def sign_of_x(w, x, y, z):
    """Subtracts x in b: (w - x - y - z)^2."""
    a, b = (w + x + y + z) ** 2, (w - x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return a, b, u, v, (u + v) ** 2


@wrong(
    fails=ALL,
    hint={
        "en": "For (1, 1, 0, 0) the first sum is 2. What is a then?",
        "ja": "(1, 1, 0, 0) では一つ目の和は 2 です。そのとき a はいくつですか。",
    },
)
def sums_not_squared(w, x, y, z):
    """Forgets the squares of a and b."""
    a, b = w + x + y + z, w + x - y - z
    u, v = (a + b) ** 2, (a - b) ** 2
    return a, b, u, v, (u + v) ** 2


@wrong(
    fails=(UV, F, POINTS),
    hint={
        "en": "What makes v different from u?",
        "ja": "v は u とどこが違いますか。",
    },
)
def u_twice(w, x, y, z):
    """Takes the sum in v as well."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a + b) ** 2
    return a, b, u, v, (u + v) ** 2


@wrong(
    fails=(UV, F, POINTS),
    hint={
        "en": "Is the square of a sum the sum of the squares? Try 1 and 2.",
        "ja": "和の二乗は、二乗の和でしょうか。1 と 2 で試してみましょう。",
    },
)
def squares_added(w, x, y, z):
    """Squares each term instead of the sum: a^2 + b^2 and a^2 - b^2."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = a**2 + b**2, a**2 - b**2
    return a, b, u, v, (u + v) ** 2


@wrong(
    fails=(F, POINTS),
    hint={
        "en": "Which step leads from u and v to f? Is an operation missing?",
        "ja": "u と v から f を作る段階はどれですか。足りない演算はありませんか。",
    },
)
def last_square_lost(w, x, y, z):
    """Returns u + v for f."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return a, b, u, v, u + v


@wrong(
    fails=(F, POINTS),
    hint={
        "en": "Which sign stands between u and v in f?",
        "ja": "f の中で、u と v の間の符号は何ですか。",
    },
)
def difference_at_the_end(w, x, y, z):
    """Subtracts v from u in f."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return a, b, u, v, (u - v) ** 2


@wrong(
    fails=ALL,
    hint={
        "en": "The text asks you to keep all values. How many do you return?",
        "ja": "問題文ではすべての値を残すことになっています。いくつの値を返していますか。",
    },
)
def f_alone(w, x, y, z):
    """Returns f without the values on the way."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    return ((a + b) ** 2 + (a - b) ** 2) ** 2


@wrong(
    fails=(AB, POINTS),
    hint={
        "en": "Which of the two sums has minus signs in it, that of a or that of b?",
        "ja": "マイナスの符号が入るのは、a の和と b の和のどちらですか。",
    },
)
def a_and_b_swapped(w, x, y, z):
    """Has a and b in the wrong order."""
    b, a = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return a, b, u, v, (u + v) ** 2


@wrong(
    fails=(POINTS,),
    hint={
        "en": "You got several points at once. Should their values be added?",
        "ja": "一度に複数の点が渡されました。それらの値を足し合わせてよいのでしょうか。",
    },
)
def adds_the_points_up(w, x, y, z):
    """Adds the points up where several are given."""
    a, b = (w + x + y + z) ** 2, (w + x - y - z) ** 2
    u, v = (a + b) ** 2, (a - b) ** 2
    return tuple(value.sum() if hasattr(value, "sum") else value for value in (a, b, u, v, (u + v) ** 2))
