"""What students draw. The grader looks through `plot_data`, so these are verified but give no hints by themselves."""

import numpy as np

from nabla.checks import wrong

CURVE, RANGE = "test_draws_the_curve", "test_shows_a_little_more_than_all_critical_points"
MARKS = "test_marks_every_critical_point_and_no_other"
LABELS, AXES = "test_labels_both_axes", "test_draws_on_the_given_axes_only"


@wrong(
    fails=(MARKS,),
    hint={
        "en": "Where can one see the critical points in your picture?",
        "ja": "描いた図のどこに臨界点が見えますか。",
    },
)
def no_marks(ax, coefficients):
    """Draws the curve alone."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(MARKS,),
    hint={
        "en": "How many points are marked in your picture? Are all of them critical?",
        "ja": "描いた図では、いくつの点に印がついていますか。それらはすべて臨界点ですか。",
    },
)
def every_sample_marked(ax, coefficients):
    """Marks each point through which the curve is drawn."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x), "o-")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(MARKS,),
    hint={
        "en": "Are your marks on the curve or on the x axis? What is the height of the curve there?",
        "ja": "印は曲線の上にありますか、それとも x 軸の上ですか。そこでの曲線の高さはいくつですか。",
    },
)
def marks_on_the_axis(ax, coefficients):
    """Puts the marks at (x, 0)."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, 0 * points, "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(MARKS,),
    hint={
        "en": "Is the curve flat at your marks, or does it cross the x axis there?",
        "ja": "印のところで曲線は水平ですか、それとも x 軸と交わっていますか。",
    },
)
def roots_marked(ax, coefficients):
    """Marks where f, and not f', is zero."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    roots = np.roots(coefficients).real
    ax.plot(roots, np.polyval(coefficients, roots), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(MARKS,),
    hint={
        "en": "Are minima the only critical points? What about the hills between them?",
        "ja": "臨界点は極小点だけですか。その間にある丘はどうでしょうか。",
    },
)
def minima_only(ax, coefficients):
    """Leaves the maxima without a mark."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    low = points[np.polyval(np.polyder(np.array(coefficients), 2), points) > 0]
    ax.scatter(low, np.polyval(coefficients, low))
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(CURVE, RANGE, MARKS),
    hint={
        "en": "Which function does your curve show, f or its derivative?",
        "ja": "描いた曲線は f のものですか、それとも導関数のものですか。",
    },
)
def derivative_drawn(ax, coefficients):
    """Draws f' with its zeros."""
    slope = np.polyder(np.array(coefficients))
    points = np.sort(np.roots(slope).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(slope, x))
    ax.plot(points, np.polyval(slope, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(RANGE,),
    hint={
        "en": "Can one see in your picture what the curve does left of the first critical point?",
        "ja": "最初の臨界点より左で曲線がどうなるかは、描いた図からわかりますか。",
    },
)
def between_the_critical_points_only(ax, coefficients):
    """Ends the curve at the first and at the last critical point."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 0.001, points[-1] + 0.001, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(RANGE,),
    hint={
        "en": "Where are the critical points of this polynomial, and which part of the x axis do you show?",
        "ja": "この多項式の臨界点はどこにありますか。x 軸のどの範囲を描いていますか。",
    },
)
def always_the_same_range(ax, coefficients):
    """Draws from -10 to 10, whatever the polynomial."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(-10, 10, 400)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(CURVE,),
    hint={
        "en": "Through how many points does your curve go? Does it look smooth?",
        "ja": "曲線はいくつの点を通っていますか。滑らかに見えますか。",
    },
)
def too_few_points(ax, coefficients):
    """Draws a line with corners, through ten points."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 10)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(CURVE, RANGE),
    hint={
        "en": "Is there a line between your points, or are there dots only?",
        "ja": "点の間に線はありますか、それとも点だけですか。",
    },
)
def critical_points_joined(ax, coefficients):
    """Joins the marks by straight lines in place of the curve."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    ax.plot(points, np.polyval(coefficients, points), "o--")
    ax.plot([points[0] - 1, points[-1] + 1], [0, 0])
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(LABELS,),
    hint={
        "en": "What do the two axes of your picture show? How would a reader know?",
        "ja": "図の二つの軸は何を表していますか。見る人にはどうすればわかるでしょうか。",
    },
)
def no_labels(ax, coefficients):
    """Leaves the axes without labels."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")


@wrong(
    fails=(LABELS,),
    hint={
        "en": "One axis has a label. What does the other one show?",
        "ja": "一方の軸にはラベルがあります。もう一方の軸は何を表していますか。",
    },
)
def one_label(ax, coefficients):
    """Labels the x axis only."""
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set_xlabel("x")


@wrong(
    fails=(AXES,),
    hint={
        "en": "Who shows the figure: your function, or the one who made the axes? What if two panels are to be drawn?",
        "ja": "図を表示するのは、この関数ですか、それとも座標軸を用意した人ですか。図が二つ並ぶ場合はどうなりますか。",
    },
)
def shows_the_figure(ax, coefficients):
    """Calls plt.show()."""
    import matplotlib.pyplot as plt

    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")
    plt.show()


@wrong(
    fails=(CURVE, RANGE, MARKS, LABELS, AXES),
    hint={
        "en": "On which axes do you draw: on those that you were given, or on new ones?",
        "ja": "どの座標軸に描いていますか。渡された座標軸でしょうか、それとも新しく作ったものでしょうか。",
    },
)
def draws_on_a_new_figure(ax, coefficients):
    """Makes a figure of its own and leaves the given axes empty."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    ax.plot(x, np.polyval(coefficients, x))
    ax.plot(points, np.polyval(coefficients, points), "o")
    ax.set(xlabel="x", ylabel="f(x)")


@wrong(
    fails=(CURVE, RANGE, MARKS, LABELS, AXES),
    hint={
        "en": "plt.plot draws on the current axes. Are these the ones that you were given?",
        "ja": "plt.plot は現在の座標軸に描きます。それは渡された座標軸でしょうか。",
    },
)
def draws_on_the_current_axes(ax, coefficients):
    """Uses plt.plot in the place of ax.plot."""
    import matplotlib.pyplot as plt

    points = np.sort(np.roots(np.polyder(np.array(coefficients))).real)
    x = np.linspace(points[0] - 1, points[-1] + 1, 200)
    plt.plot(x, np.polyval(coefficients, x))
    plt.plot(points, np.polyval(coefficients, points), "o")
    plt.xlabel("x")
    plt.ylabel("f(x)")
