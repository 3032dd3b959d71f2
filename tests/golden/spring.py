def grad_energy(self, length):
    stretch = length - self.rest
    # adjoint of: return 0.5 * self.stiffness * stretch * stretch
    return self.stiffness * stretch
