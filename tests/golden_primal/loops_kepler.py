import math


def kepler(mean_anomaly: float, eccentricity: float) ->float:
    """The eccentric anomaly E of M = E - e sin E."""
    E = mean_anomaly if eccentricity < 0.8 else math.copysign(math.pi, mean_anomaly)
    for _ in range(50):
        error = E - eccentricity * math.sin(E) - mean_anomaly
        E -= error / (1 - eccentricity * math.cos(E))
        if abs(error) < 1e-14:
            break
    return E
