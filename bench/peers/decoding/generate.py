"""Image files of every kind that people have, each with the bytes it should decode to.

Usage: python generate.py DIR. Writes DIR/NAME.EXT and DIR/NAME.EXT.npy, uint8 [H, W, 3]: what Pillow reads of the file,
upright, laid over the background 37. Where Pillow itself is not right (16 bits, colour keys), what was written.
"""

import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

BACKGROUND = 37
H, W = 21, 34
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(0)
count = 0

# a smooth picture, so that chroma subsampling and lossy formats stay comparable
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([235 - 6 * x, 10 * y + 15, 60 + 4 * x + 3 * y], -1).clip(0, 255).astype(np.uint8)
grey = (20 + 4 * x + 4 * y).clip(0, 255).astype(np.uint8)
alpha = (x * 255 // (W - 1)).astype(np.uint8)
noise = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)


def over(colour, a):
    """Lay colours over the background."""
    a = a[..., None] / 255 if a.ndim == 2 else a
    return np.round(colour * a + BACKGROUND * (1 - a)).astype(np.uint8)


def spread(g):
    return np.repeat(g[..., None], 3, -1)


def shown(path):
    """What Pillow reads."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ('LA', 'PA', 'RGBA') or 'transparency' in image.info:
        pixels = np.asarray(image.convert('RGBA')).astype(float)
        return over(pixels[..., :3], pixels[..., 3])
    return np.asarray(image.convert('RGB'))


def keep(name, expected=None):
    global count
    count += 1
    path = f'{out}/{name}'
    np.save(f'{path}.npy', shown(path) if expected is None else expected)


def save(name, image, expected=None, **options):
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(f'{out}/{name}', **options)
    keep(name, expected)


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def packed(values, depth):
    """Rows of small numbers as PNG bytes, each with filter 0."""
    rows = []
    for row in values.reshape(values.shape[0], -1):
        if depth == 16:
            data = row.astype('>u2').tobytes()
        elif depth == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
            data = np.packbits(bits).tobytes()
        rows.append(b'\0' + data)
    return b''.join(rows)


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(name, values, depth, kind, expected, interlaced=False, extra=b''):
    """A PNG written by hand: values [H, W(, C)]."""
    height, width = values.shape[:2]
    if interlaced:
        parts = [values[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7]
        data = b''.join(packed(part, depth) for part in parts if part.size)
    else:
        data = packed(values, depth)
    header = struct.pack('>IIBBBBB', width, height, depth, kind, 0, 0, int(interlaced))
    with open(f'{out}/{name}', 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + extra + chunk(b'IDAT', zlib.compress(data)) + chunk(b'IEND', b''))
    keep(name, expected)


# PNG: depths, kinds, interlacing
deep = rng.integers(0, 65536, (H, W, 4)).astype(np.int64)
deep[..., 3] = np.linspace(0, 65535, W).astype(np.int64)
eight = lambda values: np.round(values / 257).astype(np.uint8)
for laced in (False, True):
    end = '-adam7.png' if laced else '.png'
    for depth in (1, 2, 4, 8):
        values = (grey.astype(int) >> (8 - depth)) if depth < 8 else grey.astype(int)
        full = np.round(values * 255 / (2**depth - 1)).astype(np.uint8)
        png(f'grey{depth}{end}', values, depth, 0, spread(full), laced)
        colours = min(2**depth, 200)
        indices = values % colours
        palette = rng.integers(0, 256, (colours, 3)).astype(np.uint8)
        plte = chunk(b'PLTE', palette.tobytes())
        png(f'palette{depth}{end}', indices, depth, 3, palette[indices], laced, plte)
        shade = rng.integers(0, 256, colours).astype(np.uint8)
        png(f'palette{depth}-trns{end}', indices, depth, 3, over(palette[indices], shade[indices]), laced, plte + chunk(b'tRNS', shade.tobytes()))
        key = int(values[10, 10])
        opacity = np.where(values == key, 0, 255).astype(np.uint8)
        png(f'grey{depth}-key{end}', values, depth, 0, over(spread(full), opacity), laced, chunk(b'tRNS', struct.pack('>H', key)))
    png(f'grey16{end}', deep[..., 0], 16, 0, spread(eight(deep[..., 0])), laced)
    png(f'rgb16{end}', deep[..., :3], 16, 2, eight(deep[..., :3]), laced)
    fade = deep[..., 3:] / 65535
    png(f'rgba16{end}', deep, 16, 6, over(deep[..., :3] / 257, fade), laced)
    png(f'greyalpha16{end}', deep[..., [0, 3]], 16, 4, over(spread(deep[..., 0] / 257), fade), laced)
    key16 = struct.pack('>HHH', *deep[10, 10, :3])
    opacity = np.where((deep[..., :3] == deep[10, 10, :3]).all(-1), 0, 255).astype(np.uint8)
    png(f'rgb16-key{end}', deep[..., :3], 16, 2, over(eight(deep[..., :3]), opacity), laced, chunk(b'tRNS', key16))
    png(f'rgb8{end}', rgb, 8, 2, rgb, laced)
    opacity = np.where((rgb == rgb[10, 10]).all(-1), 0, 255).astype(np.uint8)
    png(f'rgb8-key{end}', rgb, 8, 2, over(rgb, opacity), laced, chunk(b'tRNS', struct.pack('>HHH', *map(int, rgb[10, 10]))))
    png(f'rgba8{end}', np.dstack([rgb, alpha]), 8, 6, over(rgb, alpha), laced)
    png(f'greyalpha8{end}', np.dstack([grey, alpha]), 8, 4, over(spread(grey), alpha), laced)
png('noise.png', noise, 8, 2, noise)
png('one-pixel.png', rgb[:1, :1], 8, 2, rgb[:1, :1])
png('one-row.png', rgb[:1], 8, 2, rgb[:1], True)
png('one-column.png', rgb[:, :1], 8, 2, rgb[:, :1], True)
png('gamma.png', rgb, 8, 2, rgb, False, chunk(b'gAMA', struct.pack('>I', 45455)))
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
png('srgb-profile.png', rgb, 8, 2, rgb, False, chunk(b'iCCP', b'sRGB\0\0' + zlib.compress(srgb)))
png('broken-profile.png', rgb, 8, 2, rgb, False, chunk(b'iCCP', b'x\0\0' + zlib.compress(b'not a profile' * 20)))
for orientation in (1, 3, 6, 8):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f'orientation{orientation}.png', rgb, exif=exif.tobytes())

# JPEG
for sampling, name in ((0, '444'), (1, '422'), (2, '420')):
    save(f'rgb-{name}.jpg', rgb, quality=95, subsampling=sampling)
save('noise-444.jpg', noise, quality=90, subsampling=0)
save('progressive.jpg', rgb, quality=95, progressive=True, subsampling=0)
save('restarts.jpg', rgb, quality=95, subsampling=0, restart_marker_blocks=2)
save('grey.jpg', grey, quality=95)
save('keep-rgb.jpg', rgb, quality=95, keep_rgb=True)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f'orientation{orientation}.jpg', rgb, quality=95, subsampling=0, exif=exif.tobytes())
inks = np.dstack([255 - rgb, (grey // 3)])
save('cmyk.jpg', Image.fromarray(inks, 'CMYK'), quality=95)
save('cmyk-progressive.jpg', Image.fromarray(inks, 'CMYK'), quality=95, progressive=True)
with open(f'{out}/rgb-444.jpg', 'rb') as file:
    whole = file.read()
with open(f'{out}/trailing-bytes.jpg', 'wb') as file:
    file.write(whole + b'more than the image' * 9)
keep('trailing-bytes.jpg')
with open(f'{out}/named-png-holds.jpg', 'wb') as file:
    file.write(open(f'{out}/rgb8.png', 'rb').read())
keep('named-png-holds.jpg')

# WebP, GIF, TIFF, AVIF
save('lossless.webp', rgb, lossless=True)
save('lossless-alpha.webp', np.dstack([rgb, alpha]), lossless=True, exact=True)
save('lossy.webp', rgb, quality=95)
save('animated.webp', Image.fromarray(rgb), save_all=True, append_images=[Image.fromarray(noise)], lossless=True)
flat = Image.fromarray(noise).quantize(64)
save('palette.gif', flat)
save('grey.gif', Image.fromarray(grey))
save('interlaced.gif', flat, interlace=1)
save('transparent.gif', flat, transparency=flat.getpixel((5, 5)))
save('animated.gif', flat, save_all=True, append_images=[Image.fromarray(rgb).quantize(64)], duration=100)
for compression in ('raw', 'tiff_lzw', 'tiff_adobe_deflate', 'packbits'):
    save(f'rgb-{compression}.tif', rgb, compression=compression)
save('grey.tif', grey)
save('bits.tif', Image.fromarray(grey).convert('1'))
save('fax.tif', Image.fromarray(grey).convert('1'), compression='group4')
save('palette.tif', flat)
save('rgba.tif', np.dstack([rgb, alpha]))
save('cmyk.tif', Image.fromarray(inks, 'CMYK'))
save('grey16.tif', Image.fromarray(deep[..., 0].astype(np.uint16)), spread(eight(deep[..., 0])))
save('two-pages.tif', Image.fromarray(rgb), save_all=True, append_images=[Image.fromarray(noise)])
exif = Image.Exif()
exif[0x0112] = 6
save('orientation6.tif', rgb, exif=exif)
save('lossless.avif', rgb, quality=100, subsampling='4:4:4')
save('grey.avif', grey, quality=100)
save('alpha.avif', np.dstack([rgb, alpha]), quality=100, subsampling='4:4:4')
print(f'{count} files in {out}')
