"""Heaps of real numbers, and of tuples that hold such: what comes out, and what it has been."""

import heapq
import math
from heapq import heappop, heappush
from textwrap import dedent

import pytest

from sourcediff import grad
from tests.every_mode import check_in_every_mode


def numbers(xs):
    heap = []
    for x in xs:
        heapq.heappush(heap, x * x)
    total = 0.0
    while heap:
        total = total * xs[0] + heapq.heappop(heap)
    return total


def first_of_a_branch(xs):
    heap = []
    if xs[0] > 1.0:
        heappush(heap, xs[0] * xs[1])
    for x in xs:
        heappush(heap, x)
    return heappop(heap) * heappop(heap) + heap[0] * len(heap)


def jobs(xs):
    queue = []
    for i, x in enumerate(xs):
        heappush(queue, (1.0 / x, i, "arrives"))
    time = waited = 0.0
    steps = 0
    while queue and steps < 9:
        time, i, kind = heappop(queue)
        steps += 1
        if kind == "arrives":
            heappush(queue, (time + 0.3 * xs[i], i, "leaves"))
        else:
            waited += time * time
            if time < 5.0:
                heappush(queue, (time + 1.0 / xs[i], i, "arrives"))
    return waited + time


def coded(xs):
    heap = [(x, i) for i, x in enumerate(xs)]
    heapq.heapify(heap)
    cost, number = 0.0, len(xs)
    while len(heap) > 1:
        a, _ = heapq.heappop(heap)
        b, _ = heapq.heappop(heap)
        cost += (a + b) ** 2
        heapq.heappush(heap, (a + b, number))
        number += 1
    return cost


def shortest(xs):
    links = {0: [(1, 0), (2, 1)], 1: [(2, 2), (3, 0)], 2: [(3, 1)], 3: []}
    reached = [math.inf] * 4
    reached[0] = 0.0
    heap = [(0.0, 0)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > reached[u]:
            continue
        for v in range(u + 1, 4):
            w = xs[(u + v) % 3] * (v - u)
            if d + w < reached[v]:
                reached[v] = d + w
                heapq.heappush(heap, (reached[v], v))
    return reached[3] * len(links)


def both_halves(xs):
    low, high = [], []
    for x in xs:
        heapq.heappush(low, -x)
        heapq.heappush(high, -heapq.heappop(low))
        if len(high) > len(low):
            heapq.heappush(low, -heapq.heappop(high))
    return low[0] * low[0]


def replaced(xs):
    heap = [xs[0], xs[1]]
    heapq.heapify(heap)
    total = heapq.heapreplace(heap, xs[2]) * 2.0
    total *= heapq.heappushpop(heap, xs[2] * xs[2])
    return total + max(heap) + sum(v * v for v in heap)


def the_largest(xs):
    heap = []
    for i, x in enumerate(xs):
        heappush(heap, (x * x, "n", i))
        if len(heap) > 2:
            heappop(heap)
    return sum(v * i for v, _, i in heap) + heap[0][0]


def one_in_each_turn(xs):
    total = 0.0
    for k in range(1, 4):
        heap = []
        for x in xs:
            heap.append((x * k, "a"))
        heapq.heapify(heap)
        total += heapq.heappop(heap)[0] * heapq.heappop(heap)[0]
    return total


class Queue:
    def __init__(self):
        self.waiting = []

    def put(self, priority, amount):
        heapq.heappush(self.waiting, (priority, amount))

    def get(self):
        return heapq.heappop(self.waiting)[1]


def of_an_object(xs):
    queue = Queue()
    for i, x in enumerate(xs):
        queue.put(i * 7 % 3, x * x)
    total = 1.0
    while queue.waiting:
        total = total * 0.5 + queue.get()
    return total


PROGRAMS = [
    numbers,
    first_of_a_branch,
    jobs,
    coded,
    shortest,
    both_halves,
    replaced,
    the_largest,
    one_in_each_turn,
    of_an_object,
]
XS = [1.5, 0.4, 0.8]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_every_mode_agrees_with_differences_and_the_tape(program):
    check_in_every_mode(program, XS)


def test_an_item_comes_out_with_its_number():
    def drained(xs):
        heap = []
        for i, x in enumerate(xs):
            heapq.heappush(heap, (x, "job", i))
        total = 0.0
        while heap:
            time, _, i = heapq.heappop(heap)
            total += time * i
        return total

    derivative = grad(drained)
    assert derivative(XS) == [0.0, 1.0, 2.0]
    assert derivative.source == dedent("""\
        import heapq


        def grad_drained(xs):
            heap = []
            heap_time = []
            for i, x in enumerate(xs):
                heapq.heappush(heap, (x, "job", i, len(heap_time)))
                heap_time.append(x)
            heap_time_bar = [0.0] * len(heap_time)
            while heap:
                _, _, i, number = heapq.heappop(heap)
                # adjoint of: time, _, i = heapq.heappop(heap)
                heap_time_bar[number] += i
            xs_bar = [0.0] * len(xs)
            for i in reversed(range(len(xs))):
                # adjoint of: heapq.heappush(heap, (x, "job", i))
                x_bar = heap_time_bar.pop()
                xs_bar[i] = x_bar
            return xs_bar
        """)


def test_a_heap_of_whole_numbers_stays_as_it_is():
    def steps(x, ns):
        heap = []
        for n in ns:
            heapq.heappush(heap, int(n))
        total = 0.0
        while heap:
            total = total * x + heapq.heappop(heap)
        return total

    derivative = grad(steps)
    assert derivative(2.0, [3, 1, 2]) == 2.0 * 2.0 * 1 + 2
    assert "heapq.heappush(heap, int(n))" in derivative.source
