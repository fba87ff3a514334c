"""What the figures are held against, as processes on loopback: etcd and PostgreSQL of Debian with durable defaults and
TLS with client certificates, and a bare echo."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

import processes

_UNPACKED = pathlib.Path(__file__).resolve().parents[2] / 'build' / 'peers'
_ETCD = _UNPACKED / 'usr' / 'bin' / 'etcd'
_POSTGRES = pathlib.Path('usr') / 'lib' / 'postgresql' / '15'
_START_DEADLINE = 30
_POLL = 0.05
# PostgreSQL does not run as root.
_POSTGRES_USER, _POSTGRES_GROUP = 'nobody', 'nogroup'


class PeerError(Exception):
  """A peer does not do what it should; the message says what to do."""


class _Peer:
  """A process from entering to leaving; what it says is in a file beside its data."""

  def __init__(self, folder, name):
    self.folder = pathlib.Path(folder) / name
    self._errors = self.folder.with_suffix('.log')
    self._process = None

  def _start(self, command, **more):
    with open(self._errors, 'ab') as errors:
      self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors, start_new_session=True,
                                       preexec_fn=processes._end_with_parent, **{'stdout': errors, **more})

  @property
  def side(self):
    return self.folder.name

  @property
  def pid(self):
    return self._process.pid

  def _await(self, is_there):
    deadline = time.monotonic() + _START_DEADLINE
    while not is_there():
      if self._process.poll() is not None or time.monotonic() > deadline:
        said = self._errors.read_text(encoding='utf-8', errors='replace')[-2000:]
        self.__exit__()
        raise PeerError(f'{self.folder.name} 没有起来:{said}')
      time.sleep(_POLL)

  def __exit__(self, *error):
    if self._process and self._process.poll() is None:
      self._process.terminate()
      try:
        self._process.wait(_START_DEADLINE)
      except subprocess.TimeoutExpired:
        self._process.kill()
        self._process.wait()


class Echo(_Peer):
  """Answers at once."""

  def __init__(self, folder, program, ca, identity):
    super().__init__(folder, 'echo')
    self._command = [program, 'echo', '--ca', ca, '--identity', identity]

  def __enter__(self):
    self._start(self._command, stdout=subprocess.PIPE)
    said = self._process.stdout.readline()
    if not said:
      raise PeerError(f'echo 没有起来:{self._errors.read_text(encoding="utf-8", errors="replace")[-2000:]}')
    self.address = json.loads(said)['address']
    return self

  def __exit__(self, *error):
    super().__exit__(*error)
    self._process.stdout.close()


class Etcd(_Peer):
  """One member with its defaults: every put is synced."""

  def __init__(self, folder, ca, identity):
    super().__init__(folder, 'etcd')
    self._ca, self._identity = ca, identity

  def __enter__(self):
    port, peer_port = _free_port(), _free_port()
    self.address = f'127.0.0.1:{port}'
    self._start([_ETCD, '--name', 'bench', '--data-dir', self.folder,
                 '--listen-client-urls', f'https://{self.address}',
                 '--advertise-client-urls', f'https://{self.address}',
                 '--listen-peer-urls', f'http://127.0.0.1:{peer_port}',
                 '--initial-advertise-peer-urls', f'http://127.0.0.1:{peer_port}',
                 '--initial-cluster', f'bench=http://127.0.0.1:{peer_port}',
                 '--cert-file', f'{self._identity}.crt', '--key-file', f'{self._identity}.key',
                 '--trusted-ca-file', self._ca, '--client-cert-auth',
                 # The only setting of size: the default ends a long run.
                 '--quota-backend-bytes', str(8 << 30), '--logger', 'zap', '--log-level', 'error'])
    self._await(lambda: _listens(port))
    return self

  @staticmethod
  def version():
    return subprocess.run([_ETCD, '--version'], capture_output=True, encoding='utf-8', check=True).stdout.split()[2]


class Postgres(_Peer):
  """A cluster of its own with its defaults: fsync, synchronous_commit and full_page_writes are on."""

  def __init__(self, folder, ca, identity):
    super().__init__(folder, 'postgres')
    self._ca, self._identity = ca, identity
    self._programs = self.folder / _POSTGRES / 'bin'
    self._is_root = os.geteuid() == 0
    self._as_user = ['setpriv', f'--reuid={_POSTGRES_USER}', f'--regid={_POSTGRES_GROUP}', '--clear-groups'] \
        if self._is_root else []

  def __enter__(self):
    # Its user may not reach the checkout.
    for part in (_POSTGRES, pathlib.Path('usr') / 'share' / 'postgresql'):
      shutil.copytree(_UNPACKED / part, self.folder / part, symlinks=True)
    self._give(self.folder)
    data = self.folder / 'data'
    done = subprocess.run([*self._as_user, self._programs / 'initdb', '-D', data, '-E', 'UTF8', '--locale=C', '-U',
                           'bench', '--auth=trust'], capture_output=True, encoding='utf-8', check=False,
                          cwd=self.folder)
    if done.returncode:
      raise PeerError(f'initdb 没有成功:{done.stderr[-2000:]}')
    for source, target in ((self._ca, 'ca.crt'), (f'{self._identity}.crt', 'server.crt'),
                           (f'{self._identity}.key', 'server.key')):
      shutil.copy(source, data / target)
      (data / target).chmod(0o600)
      self._give(data / target)
    (data / 'pg_hba.conf').write_text('hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n', encoding='utf-8')
    port = _free_port()
    settings = {'listen_addresses': '127.0.0.1', 'port': port, 'unix_socket_directories': '', 'ssl': 'on',
                'ssl_cert_file': 'server.crt', 'ssl_key_file': 'server.key', 'ssl_ca_file': 'ca.crt'}
    self._start([*self._as_user, self._programs / 'postgres', '-D', data,
                 *(word for name, value in settings.items() for word in ('-c', f'{name}={value}'))], cwd=self.folder)
    self.address = (f'host=127.0.0.1 port={port} user=bench dbname=postgres sslmode=verify-ca sslrootcert={self._ca} '
                    f'sslcert={self._identity}.crt sslkey={self._identity}.key')
    # It listens before it lets anybody in.
    self._await(lambda: b'ready to accept connections' in self._errors.read_bytes())
    return self

  def _give(self, path):
    if self._is_root:
      shutil.chown(path, _POSTGRES_USER, _POSTGRES_GROUP)

  @staticmethod
  def version():
    return subprocess.run([_UNPACKED / _POSTGRES / 'bin' / 'postgres', '--version'], capture_output=True,
                          encoding='utf-8', check=True).stdout.split()[2]


def _free_port():
  with socket.socket() as listener:
    listener.bind(('127.0.0.1', 0))
    return listener.getsockname()[1]


def _listens(port):
  try:
    with socket.create_connection(('127.0.0.1', port), timeout=1):
      return True
  except OSError:
    return False
