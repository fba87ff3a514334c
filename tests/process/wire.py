"""gRPC by hand, for what the client never sends: HTTP/2 over TLS.

It holds as little of HTTP/2 as that needs: the server is told to keep no header table, and everything that is received
is let in at once.
"""

import contextlib
import dataclasses
import itertools
import socket
import ssl
import struct
import urllib.parse

_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _WINDOW_UPDATE, _CONTINUATION = 0, 1, 3, 4, 6, 8, 9
_END_STREAM, _ACK, _END_HEADERS, _PADDED, _PRIORITY = 1, 1, 4, 8, 32
_CANCEL = 8
_FRAME_MAX = 16384
_FIRST_WINDOW = 65535
_PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
_WINDOW = 2**31 - 1
# No table of headers, room for everything, and binary headers as they are.
_OUR_SETTINGS = struct.pack('>HIHIHI', 1, 0, 4, _WINDOW, 0xfe03, 1)

CODES = ('OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS',
         'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE',
         'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED')


@dataclasses.dataclass(frozen=True)
class Status:
  """How a call ended. `details` are the bytes of google.rpc.Status."""
  code: str
  message: str
  details: bytes = b''

  @property
  def reason(self):
    return self._info(1).decode()

  @property
  def metadata(self):
    pairs = (dict(fields(value)) for number, value in fields(self._info()) if number == 3)
    return {pair[1].decode(): pair[2].decode() for pair in pairs}

  @property
  def retry_seconds(self):
    """When to come back; 0: it does not say."""
    delay = dict(fields(dict(fields(self._detail('RetryInfo'))).get(1, b'')))
    return delay.get(1, 0) + delay.get(2, 0) / 1e9

  def _info(self, field=None):
    """The ErrorInfo among the details, or one field of it."""
    info = self._detail('ErrorInfo')
    return dict(fields(info)).get(field, b'') if field else info

  def _detail(self, kind):
    for number, value in fields(self.details):
      detail = dict(fields(value)) if number == 3 else {}
      if detail.get(1, b'').endswith(f'google.rpc.{kind}'.encode()):
        return detail[2]
    return b''


class Connection:
  """Calls, one after another or many at once, from one thread. `identity` is (certificate, key)."""

  def __init__(self, address, ca, identity, timeout=40):
    self._address = address
    self._socket = connect(address, ca, identity, timeout)
    self._buffer = b''
    self._streams = itertools.count(1, 2)
    self._calls = {}  # By stream, until they have ended.
    self._windows = {0: _FIRST_WINDOW}  # What may be sent: on the connection, and by stream if that is much.
    self._first_window = _FIRST_WINDOW
    self.is_lost = False
    try:
      self._socket.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, _OUR_SETTINGS) +
                           _frame(_WINDOW_UPDATE, 0, 0, struct.pack('>I', _WINDOW - 65535)))
    except OSError:
      self.close()
      raise

  def __enter__(self):
    return self

  def __exit__(self, *error):
    self.close()

  def close(self):
    self._socket.close()

  def interrupt(self):
    """Ends it from any thread; who waits for a message then hears that the connection was lost."""
    with contextlib.suppress(OSError):
      socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

  def unary(self, method, request=b''):
    """(message or None, status)."""
    call = self.call(method, request)
    return call.next(), call.status

  def call(self, method, request=b''):
    stream = next(self._streams)
    headers = ((':method', 'POST'), (':scheme', 'https'), (':path', f'/{method}'), (':authority', self._address),
               ('te', 'trailers'), ('content-type', 'application/grpc'))
    block = b''.join(b'\0' + _string(name) + _string(value) for name, value in headers)
    body = b'\0' + struct.pack('>I', len(request)) + request
    self._calls[stream] = call = Call(self, stream)
    self._socket.sendall(_frame(_HEADERS, _END_HEADERS, stream, block))
    self._windows[stream] = self._first_window
    while body and not call.has_ended:
      room = min(_FRAME_MAX, self._windows[0], self._windows[stream])
      if room <= 0:
        self.take()
        continue
      part, body = body[:room], body[room:]
      self._socket.sendall(_frame(_DATA, 0 if body else _END_STREAM, stream, part))
      self._windows[0] -= len(part)
      self._windows[stream] -= len(part)
    del self._windows[stream]
    return call

  def take(self):
    """Takes a frame; it goes to the call whose it is."""
    try:
      kind, flags, stream, payload = self.take_frame()
    except OSError:
      self.is_lost = True
      for call in self._calls.values():
        call.lost()
      self._calls.clear()
      return
    call = self._calls.get(stream)
    if call is not None and call.take(kind, flags, payload):
      del self._calls[stream]

  def drop(self, stream):
    """Whatever comes of it is passed over."""
    self._calls.pop(stream, None)

  def send_frame(self, kind, flags, stream, payload):
    self._socket.sendall(_frame(kind, flags, stream, payload))

  def take_frame(self):
    """(kind, flags, stream, payload) of the next one that belongs to a call."""
    while True:
      size, = struct.unpack('>I', b'\0' + self._read(3))
      kind, flags, stream = struct.unpack('>BBI', self._read(6))
      payload = self._read(size)
      if kind == _SETTINGS and not flags & _ACK:
        for setting, value in struct.iter_unpack('>HI', payload):
          if setting == 4:
            self._windows.update((one, left + value - self._first_window)
                                 for one, left in self._windows.items() if one)
            self._first_window = value
        self.send_frame(_SETTINGS, _ACK, 0, b'')
      elif kind == _WINDOW_UPDATE:
        if stream in self._windows:
          self._windows[stream] += struct.unpack('>I', payload)[0]
        if stream:
          return kind, flags, stream, payload
      elif kind == _PING and not flags & _ACK:
        self.send_frame(_PING, _ACK, 0, payload)
      elif stream:
        return kind, flags, stream, payload

  def _read(self, size):
    while len(self._buffer) < size:
      more = self._socket.recv(65536)
      if not more:
        raise ConnectionError('the other side closed it')
      self._buffer += more
    taken, self._buffer = self._buffer[:size], self._buffer[size:]
    return taken


class Call:
  """Messages as they come, then a status."""

  def __init__(self, connection, stream):
    self._connection = connection
    self._stream = stream
    self._content = b''
    self._headers = {}
    self._ended = False

  def __iter__(self):
    """The messages, until the call has ended."""
    while (message := self.next()) is not None:
      yield message

  def next(self):
    """The next message; None when the call has ended."""
    while True:
      if len(self._content) >= 5:
        size, = struct.unpack_from('>I', self._content, 1)
        if len(self._content) >= 5 + size:
          message, self._content = self._content[5:5 + size], self._content[5 + size:]
          return message
      if self._ended:
        return None
      self._connection.take()

  @property
  def has_ended(self):
    return self._ended

  @property
  def messages(self):
    """Those that have come and were not taken; waits for nothing."""
    while len(self._content) >= 5 and len(self._content) >= 5 + struct.unpack_from('>I', self._content, 1)[0]:
      yield self.next()

  @property
  def status(self):
    """How it ended; waits for that."""
    while not self._ended:
      self._connection.take()
    if 'grpc-status' not in self._headers:
      return Status('UNAVAILABLE', 'the connection was lost')
    return Status(CODES[int(self._headers['grpc-status'])],
                  urllib.parse.unquote(self._headers.get('grpc-message', '')),
                  self._headers.get('grpc-status-details-bin', '').encode('latin-1')[1:])

  def cancel(self):
    self._connection.send_frame(_RST_STREAM, 0, self._stream, struct.pack('>I', _CANCEL))
    self._connection.drop(self._stream)
    self._ended = True

  def lost(self):
    """The connection is."""
    self._ended = True

  def take(self, kind, flags, payload):
    """A frame of this call; whether it was the last one."""
    if kind in (_DATA, _HEADERS) and flags & _PADDED:
      payload = payload[1:len(payload) - payload[0]]
    if kind == _DATA:
      self._content += payload
    elif kind in (_HEADERS, _CONTINUATION):
      if kind == _HEADERS and flags & _PRIORITY:
        payload = payload[5:]
      self._headers.update(_decoded(payload))
    if kind == _RST_STREAM or kind in (_DATA, _HEADERS) and flags & _END_STREAM:
      self._ended = True
    return self._ended


def connect(address, ca, identity, timeout=40):
  """A TLS connection; `identity` None: without a certificate."""
  context = ssl.create_default_context(cafile=ca)
  context.check_hostname = False
  context.set_alpn_protocols(['h2'])
  if identity is not None:
    context.load_cert_chain(*identity)
  host, port = address.rsplit(':', 1)
  connection = socket.create_connection((host, int(port)), timeout)
  # Headers and body are two writes: the second would wait until the first is acknowledged.
  connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
  return context.wrap_socket(connection)


# Protobuf, as far as requests and answers here need it.

def message(**by_number):
  """`f1='text', f2=7, f3=b'a message', f4=[…]`: fields by number."""
  encoded = b''
  for name, value in by_number.items():
    number = int(name[1:])
    for one in value if isinstance(value, (list, tuple)) else [value]:
      if isinstance(one, int):
        encoded += _varint(number << 3) + _varint(one)
      else:
        content = one.encode() if isinstance(one, str) else one
        encoded += _varint(number << 3 | 2) + _varint(len(content)) + content
  return encoded


def fields(encoded):
  """(number, value) of each field; a value is an int or bytes."""
  at = 0
  while at < len(encoded):
    key, at = _take_varint(encoded, at)
    if key & 7 == 0:
      value, at = _take_varint(encoded, at)
    else:
      size, at = {1: (8, at), 5: (4, at)}.get(key & 7) or _take_varint(encoded, at)
      value, at = encoded[at:at + size], at + size
    yield key >> 3, value


def _varint(value):
  encoded = b''
  while value > 127:
    encoded += bytes([value & 127 | 128])
    value >>= 7
  return encoded + bytes([value])


def _take_varint(encoded, at):
  value = 0
  for shift in itertools.count(0, 7):
    byte = encoded[at]
    at += 1
    value |= (byte & 127) << shift
    if byte < 128:
      return value, at


# HTTP/2 frames and headers (RFC 9113, RFC 7541).

def _frame(kind, flags, stream, payload):
  return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def _string(text):
  encoded = text.encode()
  return _integer(len(encoded), 7) + encoded


def _integer(value, bits):
  most = 2**bits - 1
  return bytes([value]) if value < most else bytes([most]) + _varint(value - most)


# What gRPC takes from the static table; everything else it spells out.
_STATIC = {8: (':status', '200'), 12: (':status', '400'), 13: (':status', '404'), 14: (':status', '500'),
           31: ('content-type', '')}


def _decoded(block):
  at = 0

  def integer(bits):
    nonlocal at
    value = block[at] & (2**bits - 1)
    at += 1
    if value == 2**bits - 1:
      more, at = _take_varint(block, at)
      value += more
    return value

  def string():
    nonlocal at
    if block[at] & 128:
      raise ValueError('a header is in Huffman code')
    size = integer(7)
    text = block[at:at + size].decode('latin-1')
    at += size
    return text

  headers = {}
  while at < len(block):
    first = block[at]
    if first & 128:
      name, value = _STATIC.get(integer(7), ('', ''))
    elif first & 224 == 32:
      integer(5)  # The size of a table that we do not keep.
      continue
    else:
      index = integer(6 if first & 64 else 4)
      name, value = _STATIC.get(index, ('', ''))[0] if index else string(), string()
    headers[name] = value
  return headers
