"""Where the server listens: an address and a port that nothing else listens on."""

from __future__ import annotations

import socket

from server.children import CannotStart

BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Resolve the host to an address, and port 0 to a free port, and listen there.

    Raises CannotStart.

    granian's workers share their port with SO_REUSEPORT, with which the system would also let a second server in: half
    of the requests would go there. Without that option it says whether somebody listens.
    """
    listener = None
    try:
        choices = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, _, _, place = min(choices, key=lambda choice: choice[0] != socket.AF_INET)
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise CannotStart(
            f"The address {host}, port {port}, cannot be used: {error.strerror}. "
            "Stop what is running there, or choose another with HOST and PORT."
        ) from None
    return listener
