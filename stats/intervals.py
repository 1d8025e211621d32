"""How sure a share is: the Wilson interval, which also holds for few questions and for shares near 0 or 1."""

import math

Z_95 = 1.959964
FEW = 400
"""Below this many, a share is shown with its interval."""


def wilson(count: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Return the 95 % interval of the share `count / of`; nothing is known of none."""
    if of <= 0:
        return 0.0, 1.0
    share = count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
