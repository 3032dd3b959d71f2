"""Dicts of which only the run knows the keys."""

import math
from collections import Counter, defaultdict

from tests.corpus.objects.registry import program

XS = [1.5, 2.25, 3.125, 0.75]


@program([(XS,)])
def totals(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i % 2] = found.get(i % 2, 0.0) + x * x
    return found[0] * found[1]


@program([([("a", 1.5, 2.0), ("b", 2.5, 3.0), ("a", 0.5, 4.0)],)])
def orders(rows):
    total = {}
    for name, price, quantity in rows:
        if name not in total:
            total[name] = 0.0
        total[name] += price * quantity
    return sum(v * v for v in total.values()) + len(total)


@program([(XS,), ([0.5],)])
def default_of_zero(xs):
    found = defaultdict(float)
    for i, x in enumerate(xs):
        found[f"k{i % 2}"] += x * x
    return found["k0"] * found["k1"] + found["k0"] + len(found)


@program([(XS,)])
def counted(xs):
    found = Counter()
    for i, x in enumerate(xs):
        found[i % 2] += x * x
    return found[0] * found[1] * (1.0 + found[7]) + (3.0 if 7 in found else 0.0)


@program([(1.25, 6), (1.25, 2)])
def memo(x, n):
    found = {0: 1.0, 1: x}
    for i in range(2, int(n)):
        found[i] = found[i - 1] * x + found[i - 2]
    return found[int(n) - 1]


@program([(XS,)])
def put_over(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        found[i % 2] = x * x
        total += found[0] * x
    return total + found.get(1, 2.0) * found.get(5, 3.0) + found.get(5, xs[0])


@program([(XS,)])
def taken_out(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i] = x * x
    total = found.pop(len(xs) - 1) * 3.0
    del found[0]
    for k in found:
        total += found[k] ** 3
    return total


@program([(XS,)])
def taken_out_and_put_back(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        found["a"] = x * x
        found[f"{i}"] = x
        total += found["a"] * found[f"{i}"]
        if i % 2 == 0:
            del found["a"]
            total += found.get("a", 1.0) * x
    return total


@program([(XS,)])
def changed_while_gone_through(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i] = x * x
    for k in found:
        found[k] = found[k] * found[k]
    for k, v in found.items():
        found[k] *= v
    return sum(found.values()) + max(found.values())


@program([(XS,)])
def copied(xs):
    one = {}
    for i, x in enumerate(xs):
        one[i] = x * x
    other = one.copy()
    third = dict(one)
    one[0] *= 3.0
    other[1] = other[1] * one[0]
    return sum(one.values()) + sum(v * v for v in other.values()) + third[0] * third[1]


@program([(XS,)])
def set_by_default(xs):
    found = {}
    others = {}
    for i, x in enumerate(xs):
        found.setdefault(i % 2, 1.0)
        found[i % 2] *= x
        others.setdefault(i % 2, x)
    return found[0] + found[1] ** 2 * others[0] * others[1]


@program([(XS,)])
def made_in_each_turn(xs):
    total = 0.0
    for x in xs:
        powers = {}
        for i in range(3):
            powers[i] = x**i
        for k, v in powers.items():
            total += v * k
    return total


@program([(XS,)])
def pairs_as_keys(xs):
    found = {}
    n = len(xs)
    for i in range(n):
        for j in range(n):
            found[i, j] = xs[i] * xs[j]
    total = 0.0
    for (i, j), v in found.items():
        total += v * (i - j) ** 2
    for i in range(n):
        total += found[(i, 0)] * found[0, i]
    return total


@program([(XS,)])
def on_some_ways(xs):
    found = {}
    for x in xs:
        if x > 2.0:
            found["big"] = found.get("big", 0.0) + x * x
        else:
            found["small"] = found.get("small", 1.0) * x
    return found["big"] * found["small"]


@program([(XS,)])
def in_order(xs):
    found = {}
    for i, x in enumerate(xs):
        found[-i] = x * x
    total = 0.0
    for n, k in enumerate(sorted(found)):
        total += found[k] * n
    for v in sorted(found.values()):
        total = total * 0.5 + v
    return total


@program([(XS,)])
def by_two_names(xs):
    one = {}
    other = one
    for i, x in enumerate(xs):
        one[i] = x * x
        other[i] *= 2.0
    return sum(other.values())


def add(found, key, x):
    found[key] = found.get(key, 0.0) + x


@program([(XS,)])
def changed_by_another_function(xs):
    found = {}
    for i, x in enumerate(xs):
        add(found, i % 2, x * x)
    return found[0] * found[1]


@program([(XS,)])
def without_a_turn(xs):
    found = {}
    for x in xs[5:]:
        found[int(x)] = x
    return sum(found.values()) + xs[0] + found.get(0, 1.0) * xs[1]


@program([(XS,)])
def read_before_it_is_put(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        if i in found:
            total += found[i] * x
        found[i + 1] = x * x
        found[i] = x
    return total + found[len(xs)] * found[0]


@program([(XS,)])
def list_of_values(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i] = x * x
    values = list(found.values())
    found[0] = 5.0 * xs[1]
    total = 0.0
    for i in range(len(values)):
        total += values[i] * i
    return total + values[0] * found[0]


@program([(XS,)])
def left_early(xs):
    found = {}
    for i, x in enumerate(xs):
        found[i % 2] = found.get(i % 2, 1.0) * x
        if found[i % 2] > 3.0:
            break
        found[i % 2] += 1.0
    return sum(found.values())


@program([(XS,)])
def by_comprehension(xs):
    squares = {i: x * x for i, x in enumerate(xs) if x > 1.0}
    thirds = {i % 2: v * squares[0] for i, v in squares.items()}
    return sum(squares.values()) + thirds[0] * squares[1] + thirds.get(9, 1.0)


PRICES = {"a": 1.5, "b": 2.25, "c": 0.5}
QUANTITIES = {"a": 2.0, "b": 3.0, "c": 4.0}


@program([(PRICES, QUANTITIES)], argnums=(0, 1))
def cost(prices, quantities):
    total = 0.0
    for name, price in prices.items():
        total += price * price * quantities[name]
    return total


@program([(PRICES,), ({3: 1.0, 1: 2.0},), ({(1, 2): 1.0, (2, 1): 2.0},)])
def of_values(prices):
    return sum(prices.values()) ** 2 + len(prices) + max(prices.values())


@program([({f"k{i}": float(i) for i in range(30)},)])
def of_many_keys(prices):
    return sum(p**2 for p in prices.values()) + prices["k3"] * prices.get("k99", 2.0)


@program([(PRICES, ["a", "q", "c", "a"])])
def looked_up(prices, names):
    total = 0.0
    for name in names:
        if name in prices:
            total += prices[name] ** 2
        total += prices.get(name, 1.0) * prices.get("zz", 2.0)
    return total


@program([(PRICES,)])
def handed_in_and_changed(prices):
    for k in prices:
        prices[k] *= prices[k]
    x = prices.pop("a")
    prices["new"] = x * prices["b"]
    del prices["b"]
    return sum(v * v for v in prices.values())


@program([(PRICES,)])
def softmax(logits):
    largest = max(logits.values())
    norm = sum(math.exp(v - largest) for v in logits.values())
    found = {k: math.exp(v - largest) / norm for k, v in logits.items()}
    return -math.log(found["a"])


@program([({"scale": 2.0, "w": PRICES},)])
def in_another_dict(config):
    return config["scale"] * sum(v * v for v in config["w"].values())


@program([({"W0": 0.3, "b0": 0.1, "W1": -0.7, "b1": 0.2}, 0.4)], argnums=(0, 1))
def keys_of_layers(params, x):
    h = x
    for i in range(2):
        h = math.tanh(params[f"W{i}"] * h + params[f"b{i}"])
    return h


@program([(PRICES, QUANTITIES)], argnums=(0, 1))
def one_by_another(d, e):
    d["a"] = e["b"] * 2.0
    for k in e:
        d[k] = d[k] * e[k]
    return sum(d.values())


@program([(["a", "b", "a"], [1.0, 2.0, 3.0])], argnums=1)
def by_name(names, xs):
    total = {}
    for name, x in zip(names, xs, strict=False):
        total[name] = total.get(name, 0.0) + x * x
    return sum(v * v for v in total.values())


@program([(PRICES,)])
def side_by_side(d):
    total = 0.0
    for i, (_, v) in enumerate(d.items()):
        total += i * v * v
    for v, w in zip(d.values(), [1.0, 2.0, 3.0], strict=False):
        total += v * w
    for k in sorted(d):
        total = total * d[k]
    return total + (1.0 if d else 0.0)


@program([(PRICES,)])
def pairs_of_keys(d):
    found = {}
    for k, v in d.items():
        for j, w in d.items():
            found[k, j] = v * w
            found[j, k] = found[k, j] * v
    return sum(found.values())


@program([(PRICES,)])
def left_by_return(d):
    for _, v in d.items():
        if v > 2.0:
            return v * v + d["a"]
    return 0.0


@program([(PRICES,)])
def taken_while_there_are(d):
    while len(d) > 1:
        x = d.pop(min(d))
        for k in d:
            d[k] += x * x
    return sum(d.values())


@program([(PRICES,)])
def by_a_closure(d):
    out = {}

    def put(k, v):
        out[k] = out.get(k, 1.0) * v

    for k, v in d.items():
        put(len(k), v)
        put(2 if k == "a" else 1, v * v)
    return sum(out.values())


@program([(PRICES,)])
def views_of_what_changes(d):
    pairs = zip(d.values(), [1.0, 2.0, 3.0], strict=False)
    items = d.items()
    d["a"] = 7.0 * d["b"]
    total = sum(v * w for v, w in pairs) + sum(v * v for _, v in items)
    for v, w in zip(d.values(), [1.0, 2.0, 3.0], strict=False):
        total += v * w
        d["c"] = d["a"] * 5.0
    return total


@program([(XS,)])
def keys_change_after_a_copy(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        other = found.copy()
        other["new"] = found.get("old", 0.5) * x
        total += sum(v * v for v in other.values())
        found["old"] = found.get("old", 1.0) * x
        if i == 2:
            total += found.pop("old") * x
    return total


@program([(XS,)])
def keys_change_after_the_values(xs):
    found = {}
    total = 0.0
    for i, x in enumerate(xs):
        found[i % 3] = x * x
        total += max(found.values()) * x + sorted(found.values())[0] + sum(found.values()) ** 2
        for k, v in found.items():
            total += v * x * (k + 1)
        if i == 2:
            del found[0]
    return total


@program([(XS,)])
def one_of_two(xs):
    one, other = {}, {}
    for i, x in enumerate(xs):
        one[i] = x * x
        other[i] = x
    chosen = one if xs[0] > 0 else other
    chosen[0] *= 3.0
    return sum(one.values()) + sum(other.values())


@program([(XS,)])
def bound_again(xs):
    found = {}
    for _ in range(2):
        for i, x in enumerate(xs):
            found[i] = x * x + found.get(i, 0.0)
        found = {k: v * v for k, v in found.items()}
    return sum(found.values())
