"""A network of real processes on loopback, and the people of its offices at the real client."""

import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / 'deploy' / 'year'))

import client
import network
import offices
import processes
import samples
import wire
from offices import CITY, CANGSHAN, GULOU, PROVINCE, TAIJIANG
from until import until

BINARIES = pathlib.Path(os.environ.get('SHANGDA_BINARIES', ROOT / 'build' / 'bin'))
TODAY = '2026-03-02'  # On the drill clock of every town.
_CALL_DEADLINE = 60
_UNREACHABLE = 3  # The client's exit status when nobody answered.


@dataclasses.dataclass(frozen=True)
class Answer:
  """What a command of the client said."""
  status: int
  output: str
  notes: str

  @property
  def json(self):
    return json.loads(self.output)

  @property
  def error(self):
    return self.json['error']

  @property
  def is_unreachable(self):
    return self.status == _UNREACHABLE


class Town(processes.Processes):
  """Starts its processes on entering, ends them on leaving; each can be killed and started again by itself."""

  def __init__(self, folder, layout, more_people=(), more_config=''):
    """`layout`: node → codes of the offices that it hosts. `more_people`: samples.Person. `more_config`: stands at the
    end of every service file."""
    self._layout = mock.patch.dict(offices.NODES, layout, clear=True)
    self._layout.start()
    self._samples = _few_people(samples.read(), [code for codes in layout.values() for code in codes], more_people)
    self.offices = offices.build(self._samples)
    self.files = network.Network(folder, self.offices, datetime.date.fromisoformat(TODAY))
    for node, service in self.files.processes():
      with open(self.files.service_file(node, service), 'a', encoding='utf-8') as file:
        file.write(more_config)
    self.client = client.Client(BINARIES / 'shangda', self.files)
    super().__init__(self.files, BINARIES)

  def __exit__(self, *error):
    try:
      super().__exit__(*error)
    finally:
      self._layout.stop()

  # People. `who` is a role or, to be exact about the person, an id.

  def person(self, code, who):
    return who if who[1:].isdigit() else self._samples.with_role(code, who)

  def named(self, person):
    return self._samples.person(person)

  def people(self, code):
    """Ids of those who have a certificate."""
    return [person.id for person in self._samples.persons_of(code) if person.roles]

  def ask(self, code, who, *words, text=None):
    """One command of the client; `text` (str or bytes) is its standard input."""
    command = self.client.command(code, self.person(code, who), *words, json_output=True)
    given = text.encode() if isinstance(text, str) else text
    done = subprocess.run(command, input=given or b'', capture_output=True, check=False, timeout=_CALL_DEADLINE)
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

  def do(self, code, who, *words, text=None):
    """A command that is to succeed: what it prints."""
    answer = self.ask(code, who, *words, text=text)
    if answer.status != 0:
      raise AssertionError(f'{code} {who}: {" ".join(map(str, words))}\n{answer.output}{answer.notes}')
    return answer.json

  def refused(self, code, who, *words, text=None):
    """A command that is to be refused: the error that it prints."""
    answer = self.ask(code, who, *words, text=text)
    if answer.status == 0:
      raise AssertionError(f'{code} {who}: {" ".join(map(str, words))}\nwas not refused:\n{answer.output}')
    return answer.error

  def insist(self, code, who, *words, text=None, request_id=''):
    """A command whose services may die under it: repeated with what the client says until it is answered."""
    more = ['--request-id', request_id] if request_id else []

    def answered():
      answer = self.ask(code, who, *words, *more, text=text)
      if answer.is_unreachable:
        if etag := answer.error.get('etag'):
          more[2:] = ['--etag', etag]
        return None
      return answer
    answer = until(f'{code} {who} is answered: {" ".join(map(str, words))}', answered, deadline=90)
    if answer.status != 0:
      raise AssertionError(f'{code} {who}: {" ".join(map(str, words))} {more}\n{answer.output}{answer.notes}')
    return answer.json

  def records(self, code, who, service, *words):
    """Every event of a log that somebody may see."""
    answer = self.ask(code, who, 'watch', '--service', service, '--until-head', *words)
    if answer.status != 0:
      raise AssertionError(f'{code} {who} cannot watch {service}:\n{answer.output}{answer.notes}')
    return [json.loads(line) for line in answer.output.splitlines()]

  # Calls by hand: what the client never sends.

  def connect(self, identity, node, service):
    """`identity` is (certificate, key)."""
    return wire.Connection(self.files.addresses[node, service], self.files.ca, identity)

  def call(self, identity, node, service, method, request=b''):
    """(message or None, status)."""
    with self.connect(identity, node, service) as connection:
      return connection.unary(method, request)

  def identity(self, code, who):
    return self.files.certificate(code, self.person(code, who))

  def node_identity(self, node, service):
    return tuple(self.files.service_file(node, service).with_suffix(f'.{kind}') for kind in ('crt', 'key'))

  # Processes.

  def kill(self, node, *services):
    for service in services:
      process = self._running.pop((node, service))
      process.kill()
      process.wait()

  def end(self, node, service, deadline):
    """Asks one to end; its exit status."""
    process = self._running.pop((node, service))
    process.terminate()
    return process.wait(deadline)

  def configure(self, node, service, text):
    """Adds to a service file; good from the next start on."""
    with open(self.files.service_file(node, service), 'a', encoding='utf-8') as file:
      file.write(f'{text}\n')

  def signal(self, node, service, number):
    self._running[node, service].send_signal(number)

  def pids(self):
    return [process.pid for process in self._running.values()]

  def launch(self, node, *services):
    """Starts without waiting until they serve."""
    for service in services:
      self._start(node, service)

  def start(self, node, *services):
    self.launch(node, *services)
    for service in services:
      until(f'{service} of {node} serves', lambda service=service: self.serves(node, service))

  def serves(self, node, service):
    self.check()
    try:
      answer, _ = self.call(self.node_identity(node, service), node, service, 'grpc.health.v1.Health/Check')
    except OSError:
      return False
    return answer == wire.message(f1=1)

  def status(self, code, who='registrar'):
    """service → what `status` says of it."""
    return {one['service']: one for one in self.do(code, who, 'status')['services']}

  def data_folder(self, node, service):
    return self.files.run_folder(node, service) / 'data'

  def service_log(self, node, service):
    return (self.files.run_folder(node, service) / 'service.log').read_text(encoding='utf-8')


class Feed:
  """`shangda watch --json` as a process; what it printed so far."""

  def __init__(self, town, code, who, *words):
    command = town.client.command(code, town.person(code, who), 'watch', *words, json_output=True)
    self._process = subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, preexec_fn=processes._end_with_parent)
    self.lines = []
    self._reader = threading.Thread(target=self._read, daemon=True)
    self._reader.start()

  def _read(self):
    for line in self._process.stdout:
      self.lines.append(json.loads(line))

  @property
  def events(self):
    return [line for line in self.lines if 'header' in line]

  @property
  def scanned(self):
    """The last position that a bookmark or an event told."""
    return max((int(line['scanned' if 'scanned' in line else 'header'].get('position', 0)) for line in self.lines),
               default=0)

  @property
  def has_ended(self):
    return self._process.poll() is not None

  def stop(self):
    if not self.has_ended:
      self._process.send_signal(signal.SIGKILL)
    self._process.wait()
    self._reader.join()
    self._process.stdout.close()


class TownTest(unittest.TestCase):
  """Tests that share one town, whose folder stays only if one of them failed."""

  LAYOUT = {'n350000': (PROVINCE,), 'n350100': (CITY,), 'n350103': (TAIJIANG,)}
  MORE_PEOPLE = ()
  MORE_CONFIG = ''
  _failed = False

  @classmethod
  def setUpClass(cls):
    folder = tempfile.mkdtemp(prefix='shangda-')
    cls.addClassCleanup(cls._clear, folder)
    town = Town(folder, cls.LAYOUT, cls.MORE_PEOPLE, cls.MORE_CONFIG)
    cls.prepare(town)
    cls.town = cls.enterClassContext(town)

  @classmethod
  def prepare(cls, town):
    """The last moment to change its files."""

  @classmethod
  def _clear(cls, folder):
    if cls._failed:
      print(f'the network is left for you to look at: {folder}', file=sys.stderr)
    else:
      shutil.rmtree(folder)

  def run(self, result=None):
    bad = len(result.failures) + len(result.errors) if result else 0
    super().run(result)
    if result and len(result.failures) + len(result.errors) > bad:
      type(self)._failed = True

  def feed(self, code, who, *words):
    feed = Feed(self.town, code, who, *words)
    self.addCleanup(feed.stop)
    return feed

  def assert_sentence(self, text):
    """Says something to people: Chinese, and ends as a sentence does."""
    self.assertRegex(text, r'([\u4e00-\u9fff].*){4}')
    self.assertRegex(text.strip()[-1], r'[。」)\]\w/]')


def _few_people(all_samples, codes, more_people):
  """Two reporters, one person of every other role and all leaders of each office: a certificate takes its time."""
  chosen = []
  for code in codes:
    left = {'reporter': 2}
    for person in all_samples.persons_of(code):
      if person.roles and not any(left.setdefault(role, 1) > 0 for role in person.roles):
        continue
      for role in person.roles:
        left[role] -= 1
      if person.roles or person.leader_level:
        chosen.append(person)
  return dataclasses.replace(all_samples, persons=(*chosen, *more_people))
