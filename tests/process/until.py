"""Waits for a condition with a deadline; the only way in which these tests wait."""

import time

DEADLINE = 30
_POLL = 0.05


def until(condition, check, deadline=DEADLINE):
  """What `check` answers once that is true; `condition` names it in the complaint."""
  end = time.monotonic() + deadline
  while not (found := check()):
    if time.monotonic() > end:
      raise AssertionError(f'after {deadline} s it is still not so that {condition}')
    time.sleep(_POLL)
  return found
