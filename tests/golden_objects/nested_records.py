def grad_nested_records(params, x):
    one = list(params["layers"]["one"])
    one[0] += params["layers"]["two"]["w"] * x
    params_scale = params["scale"] * x
    one_first = one[0]
    params_layers_three = params_scale * one_first
    # adjoint of: return layers["three"] * sum(layers["one"]) + len(params)
    params_layers_three_bar = sum(one)
    # adjoint of: layers["three"] = params["scale"] * layers["one"][0]
    params_scale_bar = params_layers_three_bar * one_first
    one_bar = [params_layers_three] * len(one)
    one_bar[0] += params_layers_three_bar * params_scale
    # adjoint of: params["scale"] *= x
    scale_bar = params_scale_bar * x
    # adjoint of: layers["one"][0] += layers["two"]["w"] * x
    w_bar = one_bar[0] * x
    return {"layers": {"one": one_bar, "two": {"w": w_bar}}, "scale": scale_bar}
