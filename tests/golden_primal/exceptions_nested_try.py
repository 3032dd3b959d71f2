import math


def nested_try(a, b):
    """One try in another: the inner handler may fail as well."""
    try:
        try:
            y = math.sqrt(a)
        except ValueError:
            y = math.log(b) + a
        y *= 2
    except ValueError:
        y = a * b
    finally:
        b = 3 * b
    return y + b
