"""Start Rasa without the warnings that mean nothing to whoever runs this service.

Rasa 3.6 warns at each start of its own old dependencies, of the domain file that an NLU-only server does not need,
and of metrics that it computes and we do not use. What goes wrong is still raised or logged.
"""

import sys
import warnings


def _say_nothing(*_: object) -> None:
    """Stand in for `warnings.showwarning`; Rasa and its libraries reset filters, but not this."""


def main() -> None:
    """Run `rasa` with this process's arguments."""
    warnings.showwarning = _say_nothing
    from rasa.__main__ import main as rasa

    sys.argv[0] = "rasa"
    rasa()


if __name__ == "__main__":
    main()
