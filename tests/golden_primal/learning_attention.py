import math


def attention(tokens, temperature, causal):
    """Self-attention of a list of vectors, each row over those it may see."""
    scale = temperature * math.sqrt(len(tokens[0]))
    outputs = []
    for i, query in enumerate(tokens):
        visible = tokens[:i + 1] if causal else tokens
        scores = [sum(a * b for a, b in zip(query, key)) / scale for key in visible]
        peak = max(scores)
        weights = [math.exp(s - peak) for s in scores]
        norm = sum(weights)
        mixed = [0.0] * len(query)
        for w, value in zip(weights, visible):
            for d in range(len(value)):
                mixed[d] += w / norm * value[d]
        outputs.append(mixed)
    return sum(v * v for row in outputs for v in row)
