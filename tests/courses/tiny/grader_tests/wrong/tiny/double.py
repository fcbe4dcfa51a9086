from nabla.checks import wrong


@wrong(
    fails=("test_is_twice_its_argument",),
    hint={"en": "Is 3 + 3 equal to 3 * 3?", "ja": "3 + 3 と 3 * 3 は等しいですか。"},
)
def squared(x):
    """The square."""
    return x**2


@wrong(fails=("test_keeps_its_argument",), hint={"en": "What is x afterwards?", "ja": "x はどうなりましたか。"})
def in_place(x):
    """Doubles its argument itself."""
    x *= 2
    return x
