"""What students answer for the sum over all paths."""

from nabla.checks import wrong

PATHS, PICTURE = "test_adds_up_all_paths_of_a_network", "test_adds_up_the_three_paths_of_the_picture"
PARALLEL, ITSELF = "test_counts_each_of_several_edges_between_two_nodes", "test_is_1_from_a_node_to_itself"
NONE, MANY = "test_is_0_where_no_path_leads", "test_does_not_walk_each_of_many_paths"


@wrong(
    fails=(MANY,),
    hint={
        "en": "How often do you find the sum from one and the same node? Is it ever another one?",
        "ja": "同じ節点からの和を何回求めていますか。その値が変わることはありますか。",
    },
)
def walks_each_path(edges, source, target):
    """Walks every path. (Here it gives up after some steps: it would take years.)"""
    steps = []

    def walk(node):
        steps.append(node)
        if len(steps) > 50_000:
            raise TimeoutError("this would take years")
        if node == target:
            return 1
        return sum(number * walk(child) for parent, child, number in edges if parent == node)

    return walk(source)


@wrong(
    fails=(PATHS, PARALLEL, MANY),
    hint={
        "en": "A second path arrives at a node where you have been before. Where has its contribution gone?",
        "ja": "前に通った節点に、二つ目の経路が届きました。その分はどこへ行きましたか。",
    },
)
def each_node_once(edges, source, target):
    """Marks nodes as visited and never goes through one again."""
    seen = set()

    def onwards(node):
        if node == target:
            return 1
        if node in seen:
            return 0
        seen.add(node)
        return sum(number * onwards(child) for parent, child, number in edges if parent == node)

    return onwards(source)


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, MANY),
    hint={
        "en": "One path is there. Are there shorter ones that lead to the target as well?",
        "ja": "経路が一つ数えられています。もっと短い道で終点に着くことはありませんか。",
    },
)
def longest_path_only(edges, source, target):
    """Takes the path with the most edges alone."""
    known = {target: (0, 1)}

    def best(node):
        if node not in known:
            ways = [(best(child), number) for parent, child, number in edges if parent == node]
            ways = [(way[0] + 1, number * way[1]) for way, number in ways if way is not None]
            known[node] = max(ways, key=lambda way: way[0]) if ways else None
        return known[node]

    return 0 if best(source) is None else best(source)[1]


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, MANY),
    hint={
        "en": "From some nodes there are several ways on. Which of them do you take?",
        "ja": "先へ進む道がいくつもある節点があります。そのうちのどれを通っていますか。",
    },
)
def one_path_only(edges, source, target):
    """Follows the first edge that leads to the target and forgets the others."""
    known = {target: 1}

    def follow(node):
        if node not in known:
            known[node] = None
            for parent, child, number in edges:
                if parent == node and known[node] is None and follow(child) is not None:
                    known[node] = number * follow(child)
        return known[node]

    return follow(source) or 0


@wrong(
    fails=(PATHS, PICTURE, PARALLEL),
    hint={
        "en": "The number on an edge is that of a single step. Which paths have you counted twice?",
        "ja": "辺の数は一段分の微分です。二度数えている経路はどれですか。",
    },
)
def total_for_the_edge(edges, source, target):
    """Puts the total derivative between two nodes in the place of the number on their edge."""
    below = {}
    for parent, child, number in edges:
        below.setdefault(parent, []).append((child, number))

    def total(start, end, weight):
        known = {end: 1}
        todo = [start]
        while todo:
            node = todo[-1]
            missing = [child for child, _ in below.get(node, []) if child not in known]
            if node not in known and missing:
                todo += missing
                continue
            if node not in known:
                known[node] = sum(weight(node, child, number) * known[child] for child, number in below.get(node, []))
            todo.pop()
        return known[start]

    def edge(parent, child, number):
        return number

    sums = {}

    def whole(parent, child, number):
        if (parent, child) not in sums:
            sums[parent, child] = total(parent, child, edge)
        return sums[parent, child]

    return total(source, target, whole)


@wrong(
    fails=(PARALLEL,),
    hint={
        "en": "Two edges may have the same ends. What does your dict do with the first of them?",
        "ja": "両端が同じ辺が二本あることもあります。辞書の中で、一本目はどうなりますか。",
    },
)
def parallel_edges_lost(edges, source, target):
    """Keeps the edges in a dict by their two ends, so that the last of several stays alone."""
    below = {}
    for parent, child, number in edges:
        below.setdefault(parent, {})[child] = number
    known = {target: 1}

    def onwards(node):
        if node not in known:
            known[node] = sum(number * onwards(child) for child, number in below.get(node, {}).items())
        return known[node]

    return onwards(source)


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, ITSELF, NONE, MANY),
    hint={
        "en": "Which way do the arrows point? Do you start where the path starts?",
        "ja": "矢印はどちらを向いていますか。経路の始まるところから始めていますか。",
    },
)
def against_the_arrows(edges, source, target):
    """Follows the edges from child to parent."""
    known = {target: 1}

    def onwards(node):
        if node not in known:
            known[node] = sum(number * onwards(parent) for parent, child, number in edges if child == node)
        return known[node]

    return onwards(source)


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, MANY),
    hint={
        "en": "What does each step do to the change that comes to it: is something added, or is it scaled?",
        "ja": "各段階は、届いた変化に対して何をしますか。何かを足しますか、それとも何倍かにしますか。",
    },
)
def adds_along_a_path(edges, source, target):
    """Adds the numbers along a path instead of multiplying them."""
    known = {target: (1, 0)}

    def onwards(node):
        if node not in known:
            ways = [(number, onwards(child)) for parent, child, number in edges if parent == node]
            known[node] = sum(w[0] for _, w in ways), sum(n * w[0] + w[1] for n, w in ways)
        return known[node]

    return 1 if source == target else onwards(source)[1]


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, ITSELF, NONE, MANY),
    hint={
        "en": "How many paths there are, you know. Where do the numbers on their edges come in?",
        "ja": "経路がいくつあるかはわかりました。辺の数はどこで使いますか。",
    },
)
def counts_the_paths(edges, source, target):
    """Counts the paths and leaves out the numbers on the edges."""
    known = {target: 1}

    def onwards(node):
        if node not in known:
            known[node] = sum(onwards(child) for parent, child, number in edges if parent == node)
        return known[node]

    return onwards(source)


@wrong(
    fails=(PATHS, PICTURE, PARALLEL, MANY),
    hint={
        "en": "You go through the list once. What happens to an edge that stands before the one which leads to it?",
        "ja": "リストを一度だけたどっています。ある辺が、そこへ至る辺よりも前に並んでいたらどうなりますか。",
    },
)
def trusts_the_order_of_the_list(edges, source, target):
    """Takes the edges in the order of the list, as if parents always came first."""
    arrived = {source: 1}
    for parent, child, number in edges:
        arrived[child] = arrived.get(child, 0) + number * arrived.get(parent, 0)
    return arrived.get(target, 0)


@wrong(
    fails=(ITSELF,),
    hint={
        "en": "How much does a node move when it itself moves by a little?",
        "ja": "ある節点そのものを少し動かすと、その節点はどれだけ動きますか。",
    },
)
def zero_to_itself(edges, source, target):
    """Gives 0 from a node to itself."""
    known = {}

    def onwards(node):
        if node == target:
            return 1
        if node not in known:
            known[node] = sum(number * onwards(child) for parent, child, number in edges if parent == node)
        return known[node]

    return 0 if source == target else onwards(source)


@wrong(
    fails=(NONE,),
    hint={
        "en": "How far does the target move if nothing of the change arrives there? Which number says so?",
        "ja": "変化が終点に届かないとき、終点はどれだけ動きますか。それを表す数は何ですか。",
    },
)
def nothing_where_no_path_leads(edges, source, target):
    """Returns None where there is no path."""
    known = {target: 1}

    def onwards(node):
        if node not in known:
            ways = [(number, onwards(child)) for parent, child, number in edges if parent == node]
            ways = [number * way for number, way in ways if way is not None]
            known[node] = sum(ways) if ways else None
        return known[node]

    return onwards(source)


@wrong(
    fails=(PATHS, NONE),
    hint={
        "en": "A path ends at a node that is not the target. What does it contribute?",
        "ja": "終点ではない節点で経路が行き止まりになりました。その経路の分はいくつですか。",
    },
)
def one_at_every_end(edges, source, target):
    """Counts 1 at every node without further edges, whether or not it is the target."""
    known = {target: 1}

    def onwards(node):
        if node not in known:
            ways = [number * onwards(child) for parent, child, number in edges if parent == node]
            known[node] = sum(ways) if ways else 1
        return known[node]

    return onwards(source)
