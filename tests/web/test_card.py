"""The card: a form for an entry. What is typed is never lost, never overwrites, and never hurts."""
import pytest
