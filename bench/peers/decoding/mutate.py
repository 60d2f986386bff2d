"""Damaged image files. Usage: python mutate.py FROM TO COUNT. Writes COUNT files into TO, each one of FROM's with a few
bytes changed, cut off, put in, taken out or repeated; in every other PNG the checksums are made right again, so that the
damage is not told by them."""

import os
import random
import struct
import sys
import zlib

source, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(target, exist_ok=True)
rng = random.Random(0)
names = sorted(name for name in os.listdir(source) if not name.endswith('.npy'))


def mutate(data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(data))
        if rng.random() < 0.4:
            at = min(at, rng.randrange(min(len(data), 64)))
        kind = rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 127, 128, 254, 255, rng.randrange(256)))
        elif kind == 2 and len(data) > 4:
            data[at : at + 4] = struct.pack(rng.choice('<>') + 'I', rng.choice((0, 1, 2**16, 2**24, 2**31 - 1, 2**32 - 1, rng.randrange(2**32))))
        elif kind == 3 and rng.random() < 0.4:
            del data[max(1, at) :]
        elif kind == 4:
            del data[at : at + rng.randrange(1, 9)]
        elif kind == 5:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        else:
            other = rng.randrange(len(data))
            data[at : at + 8] = data[other : other + 8]
        if not data:
            data = bytearray(b'\0')
    return bytes(data)


def checked(data):
    """A PNG with the right checksum behind every chunk."""
    data, at = bytearray(data), 8
    while at + 12 <= len(data):
        (length,) = struct.unpack('>I', data[at : at + 4])
        if at + 12 + length > len(data):
            break
        data[at + 8 + length : at + 12 + length] = struct.pack('>I', zlib.crc32(data[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(data)


for i in range(count):
    name = names[i % len(names)]
    with open(os.path.join(source, name), 'rb') as file:
        data = mutate(file.read())
    if name.endswith('.png') and i // len(names) % 2:
        data = checked(data)
    with open(os.path.join(target, f'{i:05d}-{name}'), 'wb') as file:
        file.write(data)
