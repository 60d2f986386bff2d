# Image files of every kind that is read, with the pixels that Pillow sees in them, upright and over a background:
# `python3 pillow.py FOLDER BACKGROUND`. Beside each NAME there is NAME.rgb: width and height as uint32, then uint8 [H, W, 3].

import os
import random
import struct
import sys

from PIL import Image, ImageOps, features

folder, background = sys.argv[1], int(sys.argv[2])
random.seed(1)
width, height = 37, 23


def smooth(bands):
    """An image whose bands rise in different directions, so that lossy formats keep it."""
    pixels = [
        tuple([x * 6, y * 10, 255 - x * 3 - y * 4, 255 - (x * y) % 200][i] for i in range(bands))
        for y in range(height)
        for x in range(width)
    ]
    image = Image.new({1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[bands], (width, height))
    image.putdata([p[0] if bands == 1 else p for p in pixels])
    return image


def noise(bands, levels=256):
    image = Image.new({1: "L", 3: "RGB", 4: "RGBA"}[bands], (width, height))
    draw = lambda: random.randrange(levels)
    image.putdata([draw() if bands == 1 else tuple(draw() for _ in range(bands)) for _ in range(width * height)])
    return image


def seen(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 257).convert("L") if image.mode == "I" else sixteen(image)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, (background,) * 3 + (255,))
    return Image.alpha_composite(ground, image).convert("RGB")


def sixteen(image):
    grey = Image.new("L", image.size)
    values = struct.unpack(f"<{image.width * image.height}H", image.tobytes())
    grey.putdata([round(value / 257) for value in values])
    return grey


def keep(name, image=None, content=None, **options):
    path = os.path.join(folder, name)
    if content is not None:
        with open(path, "wb") as file:
            file.write(content)
    else:
        image.save(path, **options)
    rgb = seen(path)
    with open(path + ".rgb", "wb") as file:
        file.write(struct.pack("<II", *rgb.size) + rgb.tobytes())


def bmp(depth, rows, palette=(), compression=0, masks=(), down=False, core=False, size=40):
    """A BMP of packed rows, the top one first."""
    data = b"".join(rows if down else rows[::-1])
    table = b"".join(bytes((b, g, r)) + (b"" if core else b"\0") for r, g, b in palette)
    shown = -height if down else height
    if core:
        header = struct.pack("<IHHHH", 12, width, height, 1, depth)
    else:
        header = struct.pack("<IiiHHIIiiII", size, width, shown, 1, depth, compression, len(data), 0, 0, len(palette), 0)
        header += b"".join(struct.pack("<I", mask) for mask in masks)
        header += b"\0" * (size - len(header) if size > 40 else 0)
    begin = 14 + len(header) + len(table)
    return b"BM" + struct.pack("<IHHI", begin + len(data), 0, 0, begin) + header + table + data


def packed(depth, values):
    """A row of values of so many bits, to a multiple of four bytes."""
    if depth >= 8:
        row = b"".join(value.to_bytes(depth // 8, "little") for value in values)
    else:
        bits = "".join(f"{value:0{depth}b}" for value in values).ljust(-(-len(values) * depth // 8) * 8, "0")
        row = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return row + b"\0" * (-len(row) % 4)


def grid(levels):
    return [[random.randrange(levels) for _ in range(width)] for _ in range(height)]


def runs(depth, rows):
    """Run lengths: every row as runs of one value, some as they are."""
    out = []
    for n, row in enumerate(rows):
        line, x = b"", 0
        while x < len(row):
            if n % 3 == 0 and len(row) - x >= 4:
                literal = row[x : x + 4]
                body = bytes(literal) if depth == 8 else bytes((literal[0] << 4 | literal[1], literal[2] << 4 | literal[3]))
                line += bytes((0, 4)) + body
                x += 4
            else:
                end = x
                while end < len(row) and row[end] == row[x] and end - x < 200:
                    end += 1
                line += bytes((end - x, row[x] if depth == 8 else row[x] * 17))
                x = end
        out.append(line + b"\0\0")
    out[0] += b"\0\1"  # the top row is the last
    return out


def bmps():
    for mode in ("1", "L", "RGB", "RGBA"):
        keep(f"bmp-{mode}.bmp", (noise(4) if mode == "RGBA" else noise(3)).convert(mode))
    keep("bmp-P.bmp", noise(3).quantize(200))
    for depth in (1, 4, 8):
        palette = [tuple(random.randrange(256) for _ in range(3)) for _ in range(2**depth)]
        rows = [packed(depth, row) for row in grid(2**depth)]
        keep(f"bmp-{depth}-bits.bmp", content=bmp(depth, rows, palette))
        keep(f"bmp-{depth}-bits-down.bmp", content=bmp(depth, rows, palette, down=True))
        keep(f"bmp-{depth}-bits-core.bmp", content=bmp(depth, rows, palette, core=True))
    for depth, compression in ((8, 1), (4, 2)):
        palette = [tuple(random.randrange(256) for _ in range(3)) for _ in range(2**depth)]
        content = bmp(depth, runs(depth, [[v // 3 for v in row] for row in grid(2**depth)]), palette, compression)
        keep(f"bmp-{depth}-bits-runs.bmp", content=content)
    five = [packed(16, row) for row in grid(2**15)]
    keep("bmp-555.bmp", content=bmp(16, five))
    six = [packed(16, row) for row in grid(2**16)]
    keep("bmp-565.bmp", content=bmp(16, six, compression=3, masks=(0xF800, 0x7E0, 0x1F)))
    for depth in (24, 32):
        rows = [packed(depth, row) for row in grid(2**24)]
        keep(f"bmp-{depth}-bits-down.bmp", content=bmp(depth, rows, down=True))
    keep("bmp-24-bits-core.bmp", content=bmp(24, [packed(24, row) for row in grid(2**24)], core=True))
    rows = [packed(32, row) for row in grid(2**32)]
    keep("bmp-v4.bmp", content=bmp(32, rows, compression=3, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), size=108))
    keep("bmp-v5.bmp", content=bmp(32, rows, compression=3, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), size=124))


def others():
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        image = noise(4).convert(mode) if mode != "P" else noise(3).quantize(30)
        keep(f"png-{mode}.png", image)
        if mode in ("L", "RGB"):
            keep(f"png-{mode}-key.png", noise(3, 3).convert(mode), transparency=1 if mode == "L" else (1, 1, 1))
    for bits in (1, 2, 4):
        keep(f"png-P{bits}.png", noise(3).quantize(2**bits), bits=bits)
    keep("png-P-transparent.png", noise(3).quantize(9), transparency=bytes(range(0, 252, 28)))
    grey16 = Image.frombytes("I;16", (width, height), random.randbytes(2 * width * height))
    keep("png-16.png", grey16)
    keep("tiff-16.tif", grey16)
    for mode in ("L", "RGB", "CMYK"):
        for name, options in (("", {}), ("-progressive", {"progressive": True}), ("-420", {"subsampling": 2})):
            keep(f"jpeg-{mode}{name}.jpg", smooth(3).convert(mode), quality=90, **options)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        keep(f"jpeg-turned-{orientation}.jpg", smooth(3), quality=95, exif=exif)
        keep(f"png-turned-{orientation}.png", noise(3), exif=exif)
    for bands in (3, 4):
        keep(f"webp-{bands}.webp", smooth(bands), quality=90)
        keep(f"webp-lossless-{bands}.webp", noise(bands), lossless=True, exact=True)
        keep(f"tiff-{bands}.tif", noise(bands))
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        for mode in ("L", "RGB", "P"):
            keep(f"tiff-{mode}-{compression}.tif", noise(3).quantize(40) if mode == "P" else noise(3).convert(mode), compression=compression)
    keep("tiff-1.tif", noise(1).convert("1"))
    keep("tiff-CMYK.tif", smooth(3).convert("CMYK"))
    for interlace in (0, 1):
        keep(f"gif-{interlace}.gif", noise(3).quantize(100), interlace=interlace)
        keep(f"gif-{interlace}-transparent.gif", noise(3).quantize(20), interlace=interlace, transparency=3)
    keep("gif-moving.gif", noise(3).quantize(50), save_all=True, append_images=[noise(3).quantize(50)])
    if features.check("avif"):
        keep("avif.avif", smooth(3), quality=100, subsampling="4:4:4")
        keep("avif-alpha.avif", smooth(4), quality=100, subsampling="4:4:4")


bmps()
others()
