"""Writes the country as a network of three nodes: counties on one, cities on the second, provinces and the national
committee on the third. See deploy/year/network.py, which writes a small one, for the layout of the folder.

  country.tsv    the same for the clients: who lives where
  identities     the certificates that are wanted, a line each: identity, file without extension
"""

import pathlib
import socket

import divisions
import textproto

NETWORK = 'nation.shangda.example'
SERVICES = ('intake', 'routing', 'feedback')
# A node by level.
NODES = {'COUNTY': 'counties', 'CITY': 'cities', 'PROVINCE': 'provinces', 'NATION': 'provinces'}

# Does an office's work; reviews and signs, since nobody signs what he put in; a leader, who has no certificate.
CLERK, SIGNER, LEADER = 'p1', 'p2', 'p3'
_CLERK_ROLES = ('REGISTRAR', 'EDITOR', 'DISPATCHER', 'RECORDER', 'VIEWER')
_SIGNER_ROLES = ('REVIEWER', 'SIGNER')

# One client speaks for three thousand offices, on one machine with all of them.
_LIMITS = {'calls_per_second': 1_000_000, 'calls_burst': 1_000_000, 'node_calls_per_second': 1_000_000,
           'node_calls_burst': 1_000_000, 'handshakes_per_second': 100_000, 'handshakes_burst': 100_000}


class Network:
  """The files of the country, but for the certificates."""

  def __init__(self, folder):
    self.folder = pathlib.Path(folder).resolve()
    self.committees = divisions.committees()
    self.nodes = dict.fromkeys(NODES.values())
    for node in self.nodes:
      self.nodes[node] = [one for one in self.committees if NODES[one.level] == node]
    self.addresses = _free_addresses([(node, service) for node in self.nodes for service in SERVICES])
    self._identities = []
    self._write_network()
    for committee in self.committees:
      self._write_office(committee)
    for node, service in self.processes():
      self._write_service(node, service)
    for node in self.nodes:
      self._write_profile(node)
    self._write_country()
    self._write('identities', ''.join(f'spiffe://{NETWORK}/{path}\t{file}\n' for path, file in self._identities))

  def processes(self):
    return list(self.addresses)

  def service_file(self, node, service):
    return self.folder / 'nodes' / node / f'{service}.textproto'

  def run_folder(self, node, service):
    return self.folder / 'run' / f'{node}-{service}'

  def profile(self, node):
    """Of a clerk of one of its offices."""
    return self.folder / 'people' / self.nodes[node][0].code / f'{CLERK}.textproto'

  def _write(self, name, text):
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')

  def _write_network(self):
    file = textproto.Writer()
    file.put(id=NETWORK, version=1)
    for one in self.committees:
      file.block('committees', code=one.code, name=one.name, level=textproto.Word(f'LEVEL_{one.level}'),
                 parents=[one.parent], direct_report_bodies=[one.direct])
    for node, hosted in self.nodes.items():
      file.block('nodes', id=node, hosts=[one.code for one in hosted],
                 **{f'{service}_address': self.addresses[node, service] for service in SERVICES})
    self._write('network.textproto', file.text())

  def _write_office(self, committee):
    persons = {CLERK: ('办事员', _CLERK_ROLES), SIGNER: ('秘书长', _SIGNER_ROLES), LEADER: ('领导', ())}
    file = textproto.Writer()
    file.put(committee=committee.code)
    for person, (name, roles) in persons.items():
      leader = textproto.Word(f'LEVEL_{committee.level}') if person == LEADER else ''
      file.block('persons', id=person, name=name, roles=[textproto.Word(f'ROLE_{role}') for role in roles],
                 leader_level=leader, own_level=bool(leader))
      if roles:
        self._identities.append((f'committees/{committee.code}/users/{person}', f'people/{committee.code}/{person}'))
    file.block('serials', id='sqmy', title='社情民意', restart=textproto.Word('RESTART_YEAR'))
    for channel, body in (('up', committee.parent), ('direct', committee.direct)):
      if body:
        file.block('channels', id=channel, name=f'报{body}', kind=textproto.Word('KIND_BODY'), body=body,
                   within_cppcc=True, upward=True)
    file.block('categories', id='chengjian', name='城建')
    file.block('policies', id='guize', review_steps=1)
    self._write(f'offices/{committee.code}.textproto', file.text())

  def _write_service(self, node, service):
    run = f'../../run/{node}-{service}'
    self.run_folder(node, service).mkdir(parents=True)
    file = textproto.Writer()
    file.put(node=node, data_directory=f'{run}/data', network_file='../../network.textproto',
             office_files=[f'../../offices/{one.code}.textproto' for one in self.nodes[node]],
             log_file=f'{run}/service.log')
    file.block('tls', ca_file='../../ca.crt', certificate_file=f'{service}.crt', key_file=f'{service}.key')
    file.block('limits', **_LIMITS)
    self._write(f'nodes/{node}/{service}.textproto', file.text())
    self._identities.append((f'nodes/{node}/{service}', f'nodes/{node}/{service}'))

  def _write_profile(self, node):
    code = self.nodes[node][0].code
    file = textproto.Writer()
    file.put(committee=code, **{f'{service}_address': self.addresses[node, service] for service in SERVICES},
             ca_file='../../ca.crt', certificate_file=f'{CLERK}.crt', key_file=f'{CLERK}.key')
    self._write(f'people/{code}/{CLERK}.textproto', file.text())

  def _write_country(self):
    lines = [('node', node, *(self.addresses[node, service] for service in SERVICES)) for node in self.nodes]
    lines += [('committee', one.code, one.level, NODES[one.level], one.parent, one.direct) for one in self.committees]
    self._write('country.tsv', ''.join('\t'.join(line) + '\n' for line in lines))


def _free_addresses(processes):
  """A free loopback port for each; all are held at once, so that they differ."""
  held = [socket.socket() for _ in processes]
  for listener in held:
    listener.bind(('127.0.0.1', 0))
  addresses = {process: f'127.0.0.1:{listener.getsockname()[1]}' for process, listener in zip(processes, held)}
  for listener in held:
    listener.close()
  return addresses
