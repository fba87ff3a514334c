"""The client program `shangda`, as people of the offices use it."""

import json
import pathlib
import subprocess
import threading

# Longer than the client's own patience.
_CALL_DEADLINE = 120


class ClientError(Exception):
  """A command did not do what it was asked; the message holds the command and the answer."""

  def __init__(self, command, answer, reason=''):
    super().__init__(f'命令没有成功:\n  {command}\n{answer}')
    self.reason = reason


class Client:
  """Runs commands; safe from several threads. Counts them in `calls`."""

  def __init__(self, binary, network):
    self._binary = pathlib.Path(binary)
    self._network = network
    self._lock = threading.Lock()
    self.calls = 0

  def run(self, office, person, *words):
    """What the command prints as JSON, done by a person of an office."""
    command = self.command(office, person, *words, json_output=True)
    with self._lock:
      self.calls += 1
    try:
      done = subprocess.run(command, capture_output=True, encoding='utf-8', check=False,
                            stdin=subprocess.DEVNULL, timeout=_CALL_DEADLINE)
    except subprocess.TimeoutExpired:
      raise ClientError(self.spelled(command), f'等了 {_CALL_DEADLINE} 秒没有结束') from None
    except OSError as error:
      raise ClientError(self.spelled(command), f'运行不了:{error.strerror}') from None
    answer = _parsed(done.stdout)
    if done.returncode != 0 or answer is None:
      error = (answer or {}).get('error', {})
      raise ClientError(self.spelled(command), json.dumps(error, ensure_ascii=False) if error
                        else (done.stdout + done.stderr).strip(), error.get('reason', ''))
    return answer

  def feed(self, office, person, *words):
    """A command that goes on printing one JSON object a line, as a process."""
    return subprocess.Popen(self.command(office, person, *words, json_output=True), encoding='utf-8',
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            start_new_session=True)

  def command(self, office, person, *words, json_output=False):
    command = [self._binary, '--profile', self._network.profile(office, person)]
    return [str(word) for word in [*command, *(['--json'] if json_output else []), *words]]

  @staticmethod
  def spelled(command):
    """As one would type it."""
    return ' '.join(word if word and not set(word) & set(' "\'()$&;|<>\n') else f"'{word}'" for word in command)


def _parsed(output):
  try:
    answer = json.loads(output)
  except ValueError:
    return None
  return answer if isinstance(answer, dict) else None
