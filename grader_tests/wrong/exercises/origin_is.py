"""What students answer about the origin, a critical point of x^2 y + x y^2."""

from nabla.checks import wrong

FAILS = ("test_says_what_the_origin_is",)


@wrong(
    fails=FAILS,
    hint={
        "en": "What sign has your along_diagonal just left of 0? Is the value at the origin the smallest one nearby?",
        "ja": "along_diagonal の値は 0 のすぐ左でどのような符号ですか。原点での値は近くで最も小さいでしょうか。",
    },
)
def minimum():
    """Takes the critical point for a minimum, since the gradient is zero there."""
    return "minimum"


@wrong(
    fails=FAILS,
    hint={
        "en": "What sign has your along_diagonal just right of 0? Is the value at the origin the largest one nearby?",
        "ja": "along_diagonal の値は 0 のすぐ右でどのような符号ですか。原点での値は近くで最も大きいでしょうか。",
    },
)
def maximum():
    """Takes the critical point for a maximum, looking at one side only."""
    return "maximum"


@wrong(
    fails=FAILS,
    hint={
        "en": "The second derivatives can't decide. What do the values of f along a path through the origin say?",
        "ja": "二階の微分では決まりません。原点を通る道に沿った f の値からは何がわかりますか。",
    },
)
def inconclusive():
    """Stops where the test by second derivatives is silent."""
    return "inconclusive"


@wrong(
    fails=FAILS,
    hint={
        "en": "The Hessian is zero at the origin, but does f stay constant around it?",
        "ja": "原点でヘッセ行列は零行列ですが、そのまわりで f は一定でしょうか。",
    },
)
def degenerate():
    """Names the Hessian's property, not the point's."""
    return "degenerate"


@wrong(
    fails=FAILS,
    hint={
        "en": "Compare your string with those in the docstring, letter by letter: which of them do you mean?",
        "ja": "返した文字列を docstring の文字列と一文字ずつ比べてみましょう。どれのつもりですか。",
    },
)
def capital_letter():
    """Spells the word with a capital letter."""
    return "Neither"
