import math
from tests.argument_functions import Belief


def grad_kalman_filter(belief, zs, q, r):
    kept = []
    belief_x = belief.x
    belief_pxx = belief.pxx
    belief_pxv = belief.pxv
    belief_pvv = belief.pvv
    belief_v = belief.v
    for z in zs:
        belief_x += belief_v * 1.0
        belief_pxx += 1.0 * (2.0 * belief_pxv + 1.0 * belief_pvv) + q
        belief_pxv += 1.0 * belief_pvv
        belief_pvv += q
        s = belief_pxx + r
        kx = belief_pxx / s
        kv = belief_pxv / s
        y = z - belief_x
        kept.append((belief_pxx, belief_pxv, y))
        belief_x += kx * y
        belief_v += kv * y
        belief_pvv -= kv * belief_pxv
        belief_pxv -= kx * belief_pxv
        belief_pxx -= kx * belief_pxx
        # domain of: return 0.5 * (y * y / s + math.log(s))
        math.log(s)
    belief_x_bar = 1.0
    belief_pxx_bar = belief_pxv_bar = belief_pvv_bar = belief_v_bar = 0.0
    for belief_pxx, belief_pxv, y in reversed(kept):
        s = belief_pxx + r
        # adjoint of: return 0.5 * (y * y / s + math.log(s))
        ratio = 1.0 / s
        y_bar = ratio * y
        s_bar = 0.5 * (ratio - ratio * (y * y / s))
        kx = belief_pxx / s
        # adjoint of: self.pxx -= kx * self.pxx
        belief_pxx_bar_1 = belief_pxx_bar - belief_pxx_bar * kx
        kx_bar = -belief_pxx_bar * belief_pxx
        # adjoint of: self.pxv -= kx * self.pxv
        belief_pxv_bar_1 = belief_pxv_bar - belief_pxv_bar * kx
        kx_bar -= belief_pxv_bar * belief_pxv
        kv = belief_pxv / s
        # adjoint of: self.pvv -= kv * self.pxv
        kv_bar = -belief_pvv_bar * belief_pxv
        belief_pxv_bar = belief_pxv_bar_1 - belief_pvv_bar * kv
        # adjoint of: self.v += kv * y
        kv_bar += belief_v_bar * y
        y_bar += belief_v_bar * kv
        # adjoint of: self.x += kx * y
        kx_bar += belief_x_bar * y
        y_bar += belief_x_bar * kx
        # adjoint of: y = z - self.x
        belief_x_bar -= y_bar
        # adjoint of: kx, kv = self.pxx / s, self.pxv / s
        ratio_1 = kv_bar / s
        ratio_2 = kx_bar / s
        belief_pxv_bar += ratio_1
        s_bar -= ratio_1 * kv + ratio_2 * kx
        belief_pxx_bar = belief_pxx_bar_1 + ratio_2
        # adjoint of: s = self.pxx + r
        belief_pxx_bar += s_bar
        # adjoint of: self.pxv += dt * self.pvv
        belief_pvv_bar += belief_pxv_bar
        # adjoint of: self.pxx += dt * (2.0 * self.pxv + dt * self.pvv) + q
        belief_pvv_bar += belief_pxx_bar
        belief_pxv_bar += 2.0 * belief_pxx_bar
        # adjoint of: self.x += self.v * dt
        belief_v_bar += belief_x_bar
    return Belief(
        x=belief_x_bar, v=belief_v_bar, pxx=belief_pxx_bar, pxv=belief_pxv_bar, pvv=belief_pvv_bar
    )
