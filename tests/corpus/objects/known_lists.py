"""Lists of functions, and of objects of several classes, that grow where control always gets."""

import math

from tests.corpus.objects.registry import program


class Pipeline:
    def __init__(self):
        self.steps = []

    def add(self, step):
        self.steps.append(step)
        return self

    def run(self, x):
        for step in self.steps:
            x = step(x)
        return x


class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        return self.w * x + self.b


class Tanh:
    def forward(self, x):
        return math.tanh(x)


class Network:
    def __init__(self):
        self.layers = []

    def add(self, layer):
        self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x


class Emitter:
    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)

    def emit(self, name, x):
        return sum(handler(x) for handler in self.handlers[name])


class Circle:
    def __init__(self, r):
        self.r = r

    def area(self):
        return math.pi * self.r**2


class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


POINTS = [(0.5, 0.8)]
BOTH = (0, 1)


@program(POINTS, argnums=BOTH)
def steps_of_a_pipeline(x, a):
    return Pipeline().add(math.sin).add(lambda t: t * a).add(math.exp).run(x)


@program(POINTS, argnums=BOTH)
def steps_added_by_a_loop(x, a):
    pipeline = Pipeline()
    pipeline.add(math.sin)
    for k in range(3):
        pipeline.add(lambda t, k=k: t * a + k)
    return pipeline.run(x)


@program(POINTS, argnums=BOTH)
def layers_of_several_classes(x, w):
    network = Network()
    network.add(Dense(w, x))
    network.add(Tanh())
    layers = network.layers
    layers.append(Dense(x, w))
    network.layers[0].w *= 2.0
    return network.forward(x) + len(layers) * w + layers[-1].b


@program(POINTS, argnums=BOTH)
def shapes_of_several_classes(x, y):
    shapes = []
    shapes.append(Circle(x))
    shapes.append(Square(y))
    shapes.append(Circle(x * y))
    return sum(s.area() for s in shapes) + max(s.area() for s in shapes)


@program(POINTS, argnums=BOTH)
def copied_before_it_grew(x, w):
    functions = []
    functions.append(math.sin)
    others = list(functions)
    others.append(math.exp)
    functions.append(math.cos)
    for f in functions:
        x = f(x)
    for f in others:
        x = f(x) * w
    return x + len(functions)


@program(POINTS, argnums=BOTH)
def named_steps(x, w):
    steps = []
    steps.append(("sine", math.sin))
    steps.append(("scale", lambda t: t * w))
    for _, step in steps:
        x = step(x)
    return x


@program(POINTS, argnums=BOTH)
def handlers_by_name(x, w):
    emitter = Emitter()
    emitter.on("a", math.sin)
    emitter.on("a", lambda t: t * w)
    emitter.on("b", math.exp)
    return emitter.emit("a", x) * emitter.emit("b", w)


@program(POINTS, argnums=BOTH)
def grows_under_all_its_names(x, w):
    functions = []
    held = (functions, 1)
    functions.append(math.sin)
    functions.append(math.exp)
    last = lambda t: [f(t) for f in functions][-1]
    functions.append(math.cos)
    return last(x) * len(held[0]) * w
