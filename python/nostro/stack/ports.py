"""Free ports on the loopback interface."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"

# Below the range that operating systems hand out for outgoing connections, so that a remembered port is
# seldom taken when the stack comes up again.
_FIRST_PORT = 20_000
_LAST_PORT = 32_000
_ATTEMPTS = 1_000


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return not answers(port)


def answers(port: int, timeout: float = 0.5) -> bool:
    """Tell whether something accepts connections on the loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False


def pick_free(taken: Collection[int]) -> int:
    """Return a free port that is not among `taken`."""
    choice = random.SystemRandom()
    for _ in range(_ATTEMPTS):
        port = choice.randint(_FIRST_PORT, _LAST_PORT)
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port between {_FIRST_PORT} and {_LAST_PORT} on {LOOPBACK}")
