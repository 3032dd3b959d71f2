def grad_lagrange_basis(x, n):
    x_bar = 0.0
    for i in range(n):
        terms = []
        term = 1.0
        for j in range(n):
            terms.append(term)
            if i != j:
                term *= x - j
        term_bar = 1.0
        for j in reversed(range(n)):
            term = terms.pop()
            if i != j:
                # adjoint of: term *= x - j
                x_bar += term_bar * term
                term_bar *= x - j
    return (x_bar,)
