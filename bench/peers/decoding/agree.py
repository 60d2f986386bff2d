"""Whether what fuzz.ts accepted is what Pillow sees. Usage: python agree.py DIR OUT. Prints, of the accepted files, how many
Pillow reads alike (at most 2 grey levels apart), how many otherwise, and how many it refuses."""

import os
import sys
import warnings

import numpy as np
from PIL import Image, ImageOps

folder, out = sys.argv[1], sys.argv[2]
BACKGROUND = 37
Image.MAX_IMAGE_PIXELS = None
warnings.simplefilter('ignore')


def shown(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith('I'):
        g = np.round(np.asarray(image).astype(float) / 257).clip(0, 255).astype(np.uint8)
        return np.repeat(g[..., None], 3, -1)
    if image.mode in ('LA', 'PA', 'RGBA') or 'transparency' in image.info:
        pixels = np.asarray(image.convert('RGBA')).astype(float)
        a = pixels[..., 3:] / 255
        return np.round(pixels[..., :3] * a + BACKGROUND * (1 - a)).astype(np.uint8)
    return np.asarray(image.convert('RGB'))


counts, examples = {}, {}
for name in sorted(os.listdir(out)):
    with open(os.path.join(out, name), 'rb') as file:
        width, height = np.frombuffer(file.read(8), np.uint32)
        ours = np.frombuffer(file.read(), np.uint8).reshape(height, width, 3)
    try:
        theirs = shown(os.path.join(folder, name))
        if theirs.shape != ours.shape:
            verdict = 'another size'
        else:
            most = np.abs(theirs.astype(int) - ours).max()
            verdict = 'alike' if most <= 2 else 'other pixels'
    except Exception as error:
        verdict = f'Pillow refuses: {type(error).__name__}'
    key = f'{verdict}, {name.rsplit(".", 1)[1]}'
    counts[key] = counts.get(key, 0) + 1
    examples.setdefault(key, []).append(name)
for key in sorted(counts, key=counts.get, reverse=True):
    print(counts[key], key, '' if key.startswith('alike') else ' '.join(examples[key][:6]))
