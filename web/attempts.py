"""A try to prove who one is: counted by whose account it is and by where it comes from."""

import math

from fastapi import Request

from web.access import network_of
from web.office import office
from web.throttle import Throttle

WAIT = "Anh/chị đã thử nhiều lần chưa đúng. Vui lòng đợi {minutes} phút rồi thử lại."


class Attempt:
    """One try at the account that `key` names in `tried`."""

    def __init__(self, request: Request, tried: Throttle, key: str) -> None:
        self._counted = ((tried, key), (office(request).by_address, network_of(request)))

    def wait(self) -> float:
        """Return the seconds to wait before trying; 0 if one may now, and then it is counted at once."""
        wait = max(throttle.wait(key) for throttle, key in self._counted)
        if not wait:
            for throttle, key in self._counted:
                throttle.note(key)
        return wait

    def was_good(self) -> None:
        """Forget the tries at this account; those from this address stay, but for this one."""
        (tried, key), (by_address, network) = self._counted
        tried.forget(key)
        by_address.forgive(network)


def asked_to_wait(seconds: float) -> str:
    """Return the sentence for somebody who has tried too often."""
    return WAIT.format(minutes=math.ceil(seconds / 60))
