"""Adds a row to RocksDB's write-ahead log, as a program of another version might have left it there."""

import struct

_BLOCK = 32 << 10
_HEADER = struct.Struct('<IHB')  # Masked CRC-32C of type and payload, size, type.
_BATCH = struct.Struct('<QI')  # Sequence number of the first row, number of rows.
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_PUT_IN_FAMILY = 5


def append(log, family, key, value):
  """Puts a short row into a column family, behind all that the log holds."""
  content = log.read_bytes()
  sequence, rows = _BATCH.unpack_from(_last_batch(content))
  row = bytes([_PUT_IN_FAMILY, family, len(key)]) + key + bytes([len(value)]) + value
  batch = _BATCH.pack(sequence + rows, 1) + row
  left = _BLOCK - len(content) % _BLOCK
  if left < _HEADER.size + len(batch):
    raise ValueError('the record does not fit the block')
  with open(log, 'ab') as file:
    file.write(_HEADER.pack(_masked(_crc32c(bytes([_FULL]) + batch)), len(batch), _FULL) + batch)


def _last_batch(content):
  at, batch = 0, b''
  while at < len(content):
    if _BLOCK - at % _BLOCK < _HEADER.size:
      at += _BLOCK - at % _BLOCK
      continue
    _, size, kind = _HEADER.unpack_from(content, at)
    at += _HEADER.size
    if kind in (_FULL, _FIRST):
      batch = content[at:at + size]
    at += size
  return batch


def _crc32c(content):
  crc = 0xffffffff
  for byte in content:
    crc ^= byte
    for _ in range(8):
      crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
  return crc ^ 0xffffffff


def _masked(crc):
  return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff
