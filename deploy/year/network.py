"""Writes a network into a folder: authority, certificates, configuration, an empty run directory for each process.

  ca/                            the development authority
  network.textproto, offices/    what the office protos describe
  now                            the drill clock
  nodes/<node>/<service>.*       service file, certificate, key
  people/<office>/<person>.*     profile, certificate, key
  run/<node>-<service>/          where the process runs; its store is made in there
"""

import contextlib
import datetime
import os
import pathlib
import socket
import subprocess
import threading

import offices
import textproto

_CA = pathlib.Path(__file__).resolve().parents[1] / 'ca'


class Network:
  """The files of one network."""

  def __init__(self, folder, all_offices, start):
    """`start` is the drill's first day."""
    self.folder = pathlib.Path(folder).resolve()
    self.offices = all_offices
    self.addresses = _free_addresses()
    self.folder.mkdir(parents=True, exist_ok=True)
    self.clock = DrillClock(self.folder / 'now', start)
    self._write_network()
    for office in all_offices.values():
      self._write(f'offices/{office.code}.textproto', _office_file(office))
      for person in filter(_has_certificate, office.persons):
        self._write_profile(office, person.id)
    for node, service in self.processes():
      self._write_service(node, service)
    self._make_certificates()

  @staticmethod
  def processes():
    """(node, service) of all nine."""
    return [(node, service) for node in offices.NODES for service in offices.SERVICES]

  def service_file(self, node, service):
    return self.folder / 'nodes' / node / f'{service}.textproto'

  def run_folder(self, node, service):
    return self.folder / 'run' / f'{node}-{service}'

  def profile(self, code, person):
    return self.folder / 'people' / code / f'{person}.textproto'

  def certificate(self, code, person):
    """(certificate, key)."""
    return tuple(self.folder / 'people' / code / f'{person}.{kind}' for kind in ('crt', 'key'))

  @property
  def ca(self):
    return self.folder / 'ca' / 'ca.crt'

  def address(self, code, service):
    return self.addresses[offices.node_of(code), service]

  def _write(self, name, text):
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')

  def _write_network(self):
    file = textproto.Writer()
    file.put(id=offices.NETWORK, version=1)
    for office in self.offices.values():
      file.block('committees', code=office.code, name=office.name, level=textproto.Word(office.level),
                 parents=list(office.parents), direct_report_bodies=list(office.direct))
    for node, hosted in offices.NODES.items():
      file.block('nodes', id=node, hosts=list(hosted),
                 **{f'{service}_address': self.addresses[node, service] for service in offices.SERVICES})
    self._write('network.textproto', file.text())

  def _write_service(self, node, service):
    run = os.path.join('..', '..', 'run', f'{node}-{service}')
    self.run_folder(node, service).mkdir(parents=True)
    file = textproto.Writer()
    file.put(node=node, data_directory=f'{run}/data', network_file='../../network.textproto',
             office_files=[f'../../offices/{code}.textproto' for code in offices.NODES[node]],
             log_file=f'{run}/service.log', backup_directory=f'../../backups/{node}')
    file.block('tls', ca_file='../../ca/ca.crt', certificate_file=f'{service}.crt', key_file=f'{service}.key')
    file.block('clock', drill_file='../../now')
    self._write(f'nodes/{node}/{service}.textproto', file.text())

  def _write_profile(self, office, person):
    file = textproto.Writer()
    file.put(committee=office.code,
             **{f'{service}_address': self.address(office.code, service) for service in offices.SERVICES},
             ca_file='../../ca/ca.crt', certificate_file=f'{person}.crt', key_file=f'{person}.key')
    self._write(f'people/{office.code}/{person}.textproto', file.text())

  def _make_certificates(self):
    identities = [(f'nodes/{node}/{service}', self.service_file(node, service))
                  for node, service in self.processes()]
    for office in self.offices.values():
      identities += [(f'committees/{office.code}/users/{person.id}', self.profile(office.code, person.id))
                     for person in filter(_has_certificate, office.persons)]
    self._write('ca/identities', ''.join(f'spiffe://{offices.NETWORK}/{path} {file.with_suffix("")}\n'
                                         for path, file in identities))
    for words in (['init', 'ca', '--network', offices.NETWORK], ['issue-all', 'ca', 'ca/identities']):
      subprocess.run([_CA, *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)


class DrillClock:
  """The instant that all nine processes go by. Safe from several threads."""

  _MORNING, _EVENING = datetime.time(9), datetime.time(18)
  _TICK = datetime.timedelta(seconds=20)
  _CHINA = datetime.timezone(datetime.timedelta(hours=8))

  def __init__(self, file, day):
    self._file = file
    self._lock = threading.Lock()
    self.begin(day)

  def begin(self, day):
    """Nine o'clock of a day."""
    self._set(datetime.datetime.combine(day, self._MORNING, self._CHINA))

  def tick(self):
    """A little later on the same day, so that what follows from something is later than it."""
    with self._lock:
      later = self._now + self._TICK
      if later.time() < self._EVENING:
        self._set(later)

  def end(self):
    """Six o'clock of the same day."""
    self._set(datetime.datetime.combine(self._now.date(), self._EVENING, self._CHINA))

  def _set(self, instant):
    """As the services expect it: written beside, renamed over."""
    self._now = instant
    new = self._file.with_suffix('.new')
    new.write_text(f'{instant.isoformat()}\n', encoding='utf-8')
    os.replace(new, self._file)


def _has_certificate(person):
  return bool(person.roles)


def _free_addresses():
  """A free loopback port for each process; all are held at once, so that they differ."""
  with contextlib.ExitStack() as held:
    addresses = {}
    for process in Network.processes():
      listener = held.enter_context(socket.socket())
      listener.bind(('127.0.0.1', 0))
      addresses[process] = f'127.0.0.1:{listener.getsockname()[1]}'
    return addresses


def _office_file(office):
  file = textproto.Writer()
  file.put(committee=office.code)
  for person in office.persons:
    is_member = bool(person.sector)
    file.block('persons', id=person.id, name=person.name, post=person.post,
               roles=[textproto.Word(f'ROLE_{role.upper()}') for role in person.roles],
               unit=office.units.get(person.unit), sector=office.sectors.get(person.sector),
               party=office.parties.get(person.party), term=_TERM if is_member else '',
               leader_level=textproto.Word(offices.leader_level(person)),
               own_level=offices.own_level(office, person))
  for name, unit in office.units.items():
    file.block('units', id=unit, name=name)
  for name, sector in office.sectors.items():
    file.block('sectors', id=sector, name=name)
  for name, party in office.parties.items():
    file.block('parties', id=party, name=name)
  file.block('terms', id=_TERM, number=12)
  for serial, title in offices.SERIALS.items():
    file.block('serials', id=serial, title=title, restart=textproto.Word('RESTART_YEAR'))
  for channel in office.channels.values():
    kind = 'KIND_BODY' if channel.body else 'KIND_OUTSIDE'
    file.block('channels', id=channel.id, name=channel.name, kind=textproto.Word(kind), body=channel.body,
               within_cppcc=channel.within_cppcc, upward=channel.upward)
  for name, category in offices.CATEGORIES.items():
    file.block('categories', id=category, name=name)
  file.block('policies', id='guize', review_steps=1)
  return file.text()


_TERM = 't12'
