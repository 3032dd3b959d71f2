import math


def escape_time(cr, ci):
    """An orbit of z*z + c and a smooth measure of how soon it leaves."""
    zr = zi = 0.0
    for k in range(40):
        zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
        r2 = zr * zr + zi * zi
        if r2 > 10000.0:
            return k + 1 - math.log(math.log(r2) / 2) / math.log(2)
    return -math.sqrt(zr * zr + zi * zi)
