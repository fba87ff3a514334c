"""A gate on the wire: a TCP proxy between two real processes that does to their bytes what networks do.

Faults are of the gate (all bytes that pass from now on) or of its connections (those that are open now). What it does
by chance follows from its seed and from how the bytes come.
"""

import asyncio
import contextlib
import dataclasses
import random
import socket
import struct
import threading

_CHUNK = 65536


@dataclasses.dataclass(frozen=True)
class Weather:
  """What happens to the bytes that pass."""
  delay_most: float = 0  # Seconds that a piece may be late; they stay in order.
  piece: int = _CHUNK  # Bytes that are passed on at once.
  flip_every: int = 0  # A bit of the first piece and then of about every so many bytes is turned over; 0: none.


FAIR = Weather()


class Gate:
  """Listens on `address` and connects each who comes to `target`. Methods are for the test's thread."""

  def __init__(self, target, seed):
    self.target = target
    self._chance = random.Random(seed)
    self._loop = asyncio.new_event_loop()
    self._listener = socket.create_server(('127.0.0.1', 0))
    self.address = f'127.0.0.1:{self._listener.getsockname()[1]}'
    self._connections = set()
    self._weather = FAIR
    self._is_flip_due = False
    self._is_shut = False
    self.came = 0  # Connections since the beginning.
    self.flipped = 0
    self.swallowed = 0  # Bytes.
    self._thread = threading.Thread(target=self._run, daemon=True)
    self._thread.start()

  def __enter__(self):
    return self

  def __exit__(self, *error):
    self._call(self._stop)
    self._thread.join()

  def weather(self, weather):
    """From now on, also on open connections."""
    self._weather = weather
    self._is_flip_due = bool(weather.flip_every)

  def cut(self):
    """Ends every connection, both ways at once."""
    self._call(lambda: [one.cut() for one in list(self._connections)])

  def shut(self, is_shut=True):
    """Nobody gets through any more: who comes is cut off at once. What is open stays."""
    self._is_shut = is_shut

  def half_open(self, up=True, down=True):
    """Every open connection stays open and passes nothing on any more: up (to the target), down, or both ways."""
    def deafen():
      for one in self._connections:
        one.deaf |= {direction for direction, is_dead in (('up', up), ('down', down)) if is_dead}
    self._call(deafen)

  @property
  def open(self):
    return len(self._connections)

  def _call(self, work):
    done = threading.Event()

    def do():
      try:
        work()
      finally:
        done.set()
    self._loop.call_soon_threadsafe(do)
    done.wait()

  def _run(self):
    asyncio.set_event_loop(self._loop)
    self._server = self._loop.run_until_complete(asyncio.start_server(self._take, sock=self._listener))
    self._loop.run_forever()
    self._loop.run_until_complete(self._end())
    self._loop.close()

  def _stop(self):
    for one in list(self._connections):
      one.cut()
    self._server.close()
    self._loop.stop()

  async def _end(self):
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
      task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

  async def _take(self, reader, writer):
    self.came += 1
    if self._is_shut:
      writer.transport.abort()
      return
    try:
      there = await asyncio.open_connection(*self.target.rsplit(':', 1))
    except OSError:
      writer.transport.abort()
      return
    connection = _Connection((reader, writer), there)
    self._connections.add(connection)
    try:
      await asyncio.gather(self._pass(connection, 'up', reader, there[1]),
                           self._pass(connection, 'down', there[0], writer))
    except OSError:
      pass
    finally:
      connection.cut()
      self._connections.discard(connection)

  async def _pass(self, connection, direction, reader, writer):
    while piece := await reader.read(self._weather.piece):
      if direction in connection.deaf:
        self.swallowed += len(piece)
        continue
      weather = self._weather
      if weather.delay_most:
        await asyncio.sleep(self._chance.uniform(0, weather.delay_most))
      for at in range(0, len(piece), weather.piece):
        if direction in connection.deaf:
          self.swallowed += len(piece) - at
          break
        writer.write(self._flip(piece[at:at + weather.piece], weather))
        await writer.drain()
        if weather.piece < _CHUNK:
          # Each is a packet of its own.
          await asyncio.sleep(0)
    if direction not in connection.deaf:
      with contextlib.suppress(OSError):
        writer.write_eof()

  def _flip(self, piece, weather):
    if not weather.flip_every or not (self._is_flip_due or self._chance.random() < len(piece) / weather.flip_every):
      return piece
    self._is_flip_due = False
    self.flipped += 1
    bit = self._chance.randrange(8 * len(piece))
    turned = bytearray(piece)
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)


class _Connection:

  def __init__(self, here, there):
    self._writers = (here[1], there[1])
    self.deaf = set()
    for writer in self._writers:
      writer.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

  def cut(self):
    for writer in self._writers:
      with contextlib.suppress(OSError):
        # Not even a goodbye.
        writer.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
      writer.transport.abort()
