"""The clients of a storm: `shangda-storm` as a process, and the file that tells it who is where."""

import subprocess
import threading
import time

import offices
import processes
from town import BINARIES, TODAY

# How many do an office's work at a time: below enough to keep those above busy.
_CLERKS = {offices.PROVINCE: 3, offices.CITY: 5}
_CLERKS_OF_A_COUNTY = 2
_GET_ON_DEADLINE = 60
# More than the program's own deadlines together.
_FINISH_DEADLINE = 900


class StormError(Exception):
  """The clients could not do their part; the message says why."""


class Clients:
  """Work from entering to `finish`."""

  def __init__(self, town, folder, seed):
    self._town = town
    self._folder = folder
    self._seed = seed
    self._changed = threading.Condition()
    self._ended = False
    self._say = lambda phase: None
    self.acknowledged = 0
    self._findings = {'lost': [], 'duplicated': [], 'missed': []}
    self._is_done = False

  def __enter__(self):
    program = BINARIES / 'shangda-storm'
    if not program.exists():
      raise StormError(f'没有 {program}。请先构建:cmake --preset release && cmake --build --preset release')
    network = self._folder / 'network.tsv'
    network.write_text(''.join('\t'.join(map(str, line)) + '\n' for line in _lines(self._town)), encoding='utf-8')
    with open(self._folder / 'storm.err', 'wb') as errors:
      self._process = subprocess.Popen(
        [program, '--network', network, '--journal', self._folder / 'journal.tsv', '--seed', str(self._seed)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, encoding='utf-8', start_new_session=True,
        preexec_fn=processes._end_with_parent)
    self._reader = threading.Thread(target=self._read, daemon=True)
    self._reader.start()
    return self

  def __exit__(self, *error):
    self._process.kill()
    self._process.wait()
    self._reader.join()
    self._process.stdin.close()
    self._process.stdout.close()

  def get_on(self, more):
    """Returns when so many more mutations were acknowledged."""
    if not self.try_to_get_on(more, _GET_ON_DEADLINE):
      raise StormError(f'{_GET_ON_DEADLINE} 秒里客户端没有办成几件事')

  def try_to_get_on(self, more, seconds):
    """The same, but at most so long; whether they were."""
    with self._changed:
      goal = self.acknowledged + more
      met = self._changed.wait_for(lambda: self.acknowledged >= goal or self._ended, seconds)
    if self._ended:
      raise StormError(self._why_ended())
    return met

  def finish(self, say):
    """Ends the work and reconciles: kind of finding → sentences. `say` is told what goes on."""
    self._say = say
    self._process.stdin.write('\n')
    self._process.stdin.flush()
    end = time.monotonic() + _FINISH_DEADLINE
    with self._changed:
      while not self._ended:
        self._changed.wait(1)
        self._town.check()
        if time.monotonic() > end:
          raise StormError(f'{_FINISH_DEADLINE} 秒里没有对完账')
    if not self._is_done:
      raise StormError(self._why_ended())
    return self._findings

  def _read(self):
    for line in self._process.stdout:
      word, _, text = line.rstrip('\n').partition('\t')
      with self._changed:
        if word == 'acknowledged':
          self.acknowledged = int(text)
        elif word in self._findings:
          self._findings[word].append(text)
        elif word == 'phase':
          self._say(f'{text}……')
        elif word == 'done':
          self.acknowledged = int(text)
          self._is_done = True
        self._changed.notify_all()
    with self._changed:
      self._ended = True
      self._changed.notify_all()

  def _why_ended(self):
    said = (self._folder / 'storm.err').read_text(encoding='utf-8', errors='replace').strip()
    return f'shangda-storm 自己停了(退出码 {self._process.wait()}):{said[-2000:]}'


def _lines(town):
  """The file that network.h describes."""
  yield 'ca', town.files.ca
  yield 'today', TODAY
  for (node, service), address in town.files.addresses.items():
    yield 'service', node, service, address
  for code, office in town.offices.items():
    # The parent first.
    channels = sorted(office.channels.values(), key=lambda channel: channel.body not in office.parents)
    leader = next((person.id for person in office.persons if person.leader_level), '')
    handler = next((person for person in office.persons if 'handler' in person.roles), None)
    yield ('office', code, offices.node_of(code), _CLERKS.get(code, _CLERKS_OF_A_COUNTY),
           ','.join(channel.id for channel in channels if channel.body),
           next((channel.id for channel in channels if not channel.body), ''), leader,
           office.units[handler.unit] if handler else '')
    for role in dict.fromkeys(role for person in office.persons for role in person.roles):
      person = town.person(code, role)
      yield 'person', code, role, person, *town.files.certificate(code, person)
