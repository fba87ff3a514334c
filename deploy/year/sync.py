"""How far each log was written and who has followed it, so that a read sees what was written before it."""

import threading
import time

import offices

_FLOW_DEADLINE = 60


class SyncError(Exception):
  """What was written has not come everywhere; the message says what was waited for."""


class Sync:
  """Nothing is waited for but what the services promise: a read with a position answers when that is in."""

  def __init__(self, client, readers):
    self._client = client
    self._readers = readers  # office → person who may read figures
    self._lock = threading.Lock()
    self._written = {}  # node, service → position
    self._followed = {}  # node → service → number that feedback has

  def wrote(self, office, service, position):
    key = offices.node_of(office), service
    with self._lock:
      if key not in self._written or number(position) > number(self._written[key]):
        self._written[key] = position

  def feedback_follows(self, office):
    """Feedback of the office's node has all that intake and routing there have written so far."""
    node = offices.node_of(office)
    for service in ('intake', 'routing'):
      with self._lock:
        position = self._written.get((node, service))
        followed = self._followed.get((node, service), 0)
      if position and number(position) > followed:
        self.position_of_feedback(office, position)
        with self._lock:
          self._followed[node, service] = max(number(position), self._followed.get((node, service), 0))

  def everything_has_come_down(self):
    """Every office's feedback has all that was written anywhere, also by the bodies above."""
    deadline = time.monotonic() + _FLOW_DEADLINE
    while True:
      above = []
      for hosted in offices.NODES.values():  # Highest first.
        self.feedback_follows(hosted[0])
        for position in above:
          self.position_of_feedback(hosted[0], position)
        above.append(self.position_of_feedback(hosted[0]))
      parked = {node: self._parked(hosted[0]) for node, hosted in offices.NODES.items()}
      if not any(parked.values()):
        return
      if time.monotonic() > deadline:
        raise SyncError(f'等了 {_FLOW_DEADLINE} 秒,还有事项在等待别的事项:{parked}')

  def _parked(self, office):
    """How many facts wait for another one at the office's node."""
    status = self._client.run(office, self._readers[office], 'status')
    return sum(int(service.get('log', {}).get('parked_count', 0)) for service in status['services'])

  def position_of_feedback(self, office, at_least=None):
    """Where feedback's log is, once `at_least` (of any log that it follows) is in it."""
    words = ['--min-position', spelled(at_least)] if at_least else []
    return self._client.run(office, self._readers[office], 'figures', *words)['position']


def number(position):
  return int(position.get('position', 0))


def spelled(position):
  return f'{position["log_id"]}:{position["epoch"]}:{position["position"]}'
