"""How a figure of the codec is measured."""

import statistics
import time
from collections.abc import Callable


def microseconds(call: Callable[[], object], *, seconds: float = 0.15, rounds: int = 7) -> float:
    """Processor time of one call: the median of several rounds of as many calls as fill their share of `seconds`."""
    begin = time.process_time()
    call()
    once = max(time.process_time() - begin, 1e-7)
    calls = max(1, int(seconds / rounds / once))
    taken = []
    for _ in range(rounds if once < seconds else 1):
        begin = time.process_time()
        for _ in range(calls):
            call()
        taken.append((time.process_time() - begin) / calls)
    return statistics.median(taken) * 1e6
