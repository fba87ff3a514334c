"""The nine services of a network as processes."""

import ctypes
import json
import os
import signal
import subprocess
import time

import offices

_SERVING_DEADLINE = 60
_STOP_DEADLINE = 15
_POLL = 0.05

_PR_SET_PDEATHSIG = 1


class ProcessError(Exception):
  """A service does not do what it should; the message says which and where to look."""


class Processes:
  """Starts them on entering, ends them on leaving."""

  def __init__(self, network, binaries):
    self._network = network
    self._binaries = binaries
    self._running = {}  # (node, service) → Popen

  def __enter__(self):
    try:
      for node, service in self._network.processes():
        self._start(node, service)
      for node, hosted in offices.NODES.items():
        self._await_serving(node, hosted[0])
    except BaseException:
      self.stop()
      raise
    return self

  def __exit__(self, *error):
    self.stop()

  def _start(self, node, service):
    program = self._binaries / f'shangda-{service}'
    if not program.exists():
      raise ProcessError(f'没有 {program}。请运行 deploy/quickstart,它会先构建。')
    folder = self._network.run_folder(node, service)
    with open(self._errors(node, service), 'wb') as errors:
      self._running[node, service] = subprocess.Popen(
        [program, '--config', self._network.service_file(node, service)],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
        # Ctrl-C is for this program, which then ends them in order; if it cannot, they end with it.
        start_new_session=True, preexec_fn=_end_with_parent)

  def _errors(self, node, service):
    return self._network.folder / 'run' / f'{node}-{service}.err'

  def _await_serving(self, node, code):
    """`code` is an office of the node: somebody of it asks."""
    person = next(person.id for person in self._network.offices[code].persons if person.roles)
    command = [self._binaries / 'shangda', '--profile', self._network.profile(code, person), '--json', 'status']
    deadline = time.monotonic() + _SERVING_DEADLINE
    while True:
      self.check()
      asked = subprocess.run(command, capture_output=True, encoding='utf-8', check=False)
      if asked.returncode == 0:
        return
      if time.monotonic() > deadline:
        states = ', '.join(f'{one["service"]}: {one.get("health") or "没有回答"}'
                           for one in _services(asked.stdout))
        raise ProcessError(f'等了 {_SERVING_DEADLINE} 秒,节点 {node} 还没有全部开始服务({states})。'
                           f'请看 {self._network.folder}/run 里的日志。')
      time.sleep(_POLL)

  def check(self):
    """Complains if one has ended by itself."""
    for (node, service), process in self._running.items():
      if process.poll() is not None:
        said = self._errors(node, service).read_text(encoding='utf-8', errors='replace').strip()
        raise ProcessError(f'{node} 的 {service} 自己停了(退出码 {process.returncode}):{said[-2000:]}\n'
                           f'请看 {self._network.run_folder(node, service)}/service.log。')

  def stop(self):
    """Asks all to end, and ends by force who has not after a while; says so."""
    for process in self._running.values():
      if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_DEADLINE
    killed = []
    for (node, service), process in self._running.items():
      try:
        process.wait(max(0, deadline - time.monotonic()))
      except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        killed.append(f'{node} 的 {service}')
    self._running.clear()
    if killed:
      raise ProcessError(f'{_STOP_DEADLINE} 秒内没有停下,只好强行结束:' + '、'.join(killed))


def _services(output):
  try:
    return json.loads(output).get('services', [])
  except ValueError:
    return []


def _end_with_parent():
  parent = os.getppid()
  ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
  if os.getppid() != parent:
    os._exit(1)
