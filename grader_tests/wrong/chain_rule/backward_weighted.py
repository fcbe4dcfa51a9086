"""What students answer for the network with weights."""

from nabla.checks import wrong

NODES, INPUTS = "test_the_derivatives_for_the_nodes_between_are_right", "test_the_derivatives_for_the_inputs_are_right"
KEPT = "test_leaves_its_arguments_as_they_are"


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "If one input moves by a little, by how much does the sum inside a move? Is it the same for every input?",
        "ja": "入力の一つを少し動かすと、a の中の和はどれだけ動きますか。どの入力でも同じですか。",
    },
)
def weights_forgotten(inputs, alpha, beta):
    """Forgets the weights on the edges from the inputs."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p + tb * 2 * q + 0 * inputs}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "Which vector of weights stands on the edges that lead into a?",
        "ja": "a に入る辺の重みは、どちらのベクトルですか。",
    },
)
def weights_swapped(inputs, alpha, beta):
    """Sends back through a with the weights of b, and the reverse."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * beta + tb * 2 * q * alpha}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "With respect to what is this the derivative: the inputs, or the weights?",
        "ja": "これは何についての微分ですか。入力ですか、それとも重みですか。",
    },
)
def inputs_for_weights(inputs, alpha, beta):
    """Multiplies by the inputs: the derivative with respect to the weights."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": (ta * 2 * p + tb * 2 * q) * inputs}


@wrong(
    fails=(NODES, INPUTS),
    hint={
        "en": "Does it matter to f whether b moves? What has your result to do with beta?",
        "ja": "b を動かすと f は変わりませんか。返している結果に beta は関係していますか。",
    },
)
def b_path_lost(inputs, alpha, beta):
    """Leaves out everything that goes through b."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = 0 * outer
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * alpha + tb * 2 * q * beta}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "Each input has two edges. What do you do with the contribution that arrives first?",
        "ja": "どの入力からも辺が二本出ています。先に届いた分はどうしていますか。",
    },
)
def overwritten_by_b(inputs, alpha, beta):
    """Keeps at the inputs what comes last, through b."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": tb * 2 * q * beta}


@wrong(
    fails=(NODES, INPUTS),
    hint={
        "en": "If b grows alone, does a - b grow or fall?",
        "ja": "b だけを増やすと、a - b は増えますか、減りますか。",
    },
)
def sign_of_v_by_b(inputs, alpha, beta):
    """Forgets the minus sign in the derivative of v by b."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) + outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * alpha + tb * 2 * q * beta}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "The minus signs of y and z: where are they in the network with weights?",
        "ja": "y と z にあったマイナスの符号は、重みつきのネットワークではどこにありますか。",
    },
)
def signs_of_the_first_network(inputs, alpha, beta):
    """Subtracts what comes through b, as it was for y and z."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * alpha - tb * 2 * q * beta}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "a is the square of a sum. What is its derivative when the sum moves?",
        "ja": "a は和の二乗です。その和が動くときの微分は何ですか。",
    },
)
def squares_of_the_sums_lost(inputs, alpha, beta):
    """Forgets the derivative of the squares of the two sums."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * alpha + tb * beta}


@wrong(
    fails=(NODES, INPUTS),
    hint={
        "en": "Is the square taken of each product, or of their sum?",
        "ja": "二乗するのはそれぞれの積ですか、それともそれらの和ですか。",
    },
)
def weights_squared(inputs, alpha, beta):
    """Takes a for the sum of the squares of the products."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = ((alpha * inputs) ** 2).sum(), ((beta * inputs) ** 2).sum()
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * alpha + tb * 2 * q * beta}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "How many inputs are there, and how many derivatives with respect to them do you return?",
        "ja": "入力はいくつありますか。入力についての微分をいくつ返していますか。",
    },
)
def adds_the_inputs_up(inputs, alpha, beta):
    """Returns one number for all inputs together."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": (ta * 2 * p * alpha + tb * 2 * q * beta).sum()}


@wrong(
    fails=(INPUTS,),
    hint={
        "en": "Must all inputs move f alike? Where do the weights of the later ones come in?",
        "ja": "どの入力も f を同じように動かすでしょうか。二つ目以降の重みはどこで使っていますか。",
    },
)
def first_entry_for_all(inputs, alpha, beta):
    """Uses one weight for all inputs."""
    p, q = (alpha * inputs).sum(), (beta * inputs).sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {
        "u": outer,
        "v": outer,
        "a": ta,
        "b": tb,
        "inputs": ta * 2 * p * alpha[0] + tb * 2 * q * beta[0] + 0 * inputs,
    }


@wrong(
    fails=(KEPT,),
    hint={
        "en": "Whose array do you multiply with `*=`? Print it before and after the call.",
        "ja": "`*=` で掛けているのは誰の配列ですか。呼び出しの前後で表示してみましょう。",
    },
    frameworks=("torch", "numpy", "mxnet"),
)
def multiplies_in_place(inputs, alpha, beta):
    """Multiplies the inputs by the weights in place."""
    q = (beta * inputs).sum()
    inputs *= alpha
    p = inputs.sum()
    a, b = p**2, q**2
    outer = 2 * ((a + b) ** 2 + (a - b) ** 2)
    ta = outer * 2 * (a + b) + outer * 2 * (a - b)
    tb = outer * 2 * (a + b) - outer * 2 * (a - b)
    return {"u": outer, "v": outer, "a": ta, "b": tb, "inputs": ta * 2 * p * alpha + tb * 2 * q * beta}
