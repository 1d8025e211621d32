"""A try to prove who one is: counted by whose account it is and by where it comes from."""

import math

from fastapi import Request

from web.access import network_of
from web.office import office
from web.throttle import Throttle

WAIT = "Anh/chị đã thử nhiều lần chưa đúng. Vui lòng đợi {minutes} phút rồi thử lại."


class Attempt:
    """One try, counted under the key of each throttle; the first is about the account alone and forgotten when good."""

    def __init__(self, *counted: tuple[Throttle, str]) -> None:
        self._counted = counted

    def wait(self) -> float:
        """Return the seconds to wait before trying; 0 if one may now, and then it is counted at once."""
        wait = max(throttle.wait(key) for throttle, key in self._counted)
        if not wait:
            for throttle, key in self._counted:
                throttle.note(key)
        return wait

    def was_good(self) -> None:
        """Forget the tries at this account; what else was counted stays, but for this one."""
        (tried, key), *others = self._counted
        tried.forget(key)
        for throttle, other in others:
            throttle.forgive(other)


def at_log_in(request: Request, name: str) -> Attempt:
    """Return a try to log in: few from one network at one name, more at a name from anywhere."""
    here, network = office(request), network_of(request)
    from_there = (here.by_name, f"{network} {name}")
    return Attempt(from_there, (here.by_name_anywhere, name), (here.by_address, network))


def at_code(request: Request, staff_id: int) -> Attempt:
    """Return a try at the code of the second step, by somebody who has shown a password or a link."""
    here = office(request)
    return Attempt((here.by_code, str(staff_id)), (here.by_address, network_of(request)))


def inside(request: Request, staff_id: int) -> Attempt:
    """Return a try to prove, in an open session, that it is still its owner who sits there."""
    return Attempt((office(request).by_member, str(staff_id)))


def asked_to_wait(seconds: float) -> str:
    """Return the sentence for somebody who has tried too often."""
    return WAIT.format(minutes=math.ceil(seconds / 60))
