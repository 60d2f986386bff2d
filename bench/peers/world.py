"""What the peer looks at: labelled images in memory as bytes, canvases painted from them, and the eye.

An eye sees each scene at several sizes, every one the one before averaged over 2x2 pixels. A glimpse of one scale is a
window of one size, which is a view: one indexing operation. Places are rounded to whole pixels of that size.
"""

import gzip

import torch
from torch.nn.functional import pad

TRAINING_IMAGES = 54_000  # of the 60,000; the others are held out, as in Saccade
PIECE = 8  # side of a piece of clutter


def read_images(folder):
    """The images [60000, 28, 28] and labels [60000] of a folder of IDX files, plain or .gz, as bytes."""
    return _read_idx(folder, "train-images-idx3-ubyte", 16).view(-1, 28, 28), _read_idx(folder, "train-labels-idx1-ubyte", 8)


def _read_idx(folder, name, header):
    path = folder / name
    raw = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    return torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=header)


def halve(level):
    """Means of 2x2 pixels, [N, H, W] -> [N, H / 2, W / 2]; on a CPU quicker than `avg_pool2d`."""
    left, right = level[:, :, ::2], level[:, :, 1::2]
    return (left[:, ::2] + right[:, ::2] + left[:, 1::2] + right[:, 1::2]).mul_(0.25)


def windows_of(levels, side):
    """Every window of each level [N, side + P, side + P], P pixels being around the image: [N, P + 1, P + 1, side, side] views."""
    return [level.unfold(1, side, 1).unfold(2, side, 1) for level in levels]


def look(windows, rows, location):
    """Glimpses of scenes `rows` [B] centred at `location` [B, 2], (x, y) in [-1, 1] -> float32 [B, S, G, G] in [0, 1]."""
    scales = []
    for places in windows:
        corner = ((location + 1) * ((places.shape[1] - 1) / 2)).round_().long()
        scales.append(places[rows, corner[:, 1], corner[:, 0]])
    glimpse = scales[0].unsqueeze(1) if len(scales) == 1 else torch.stack(scales, 1)
    return glimpse.float().mul_(1 / 255) if glimpse.dtype == torch.uint8 else glimpse


class Images:
    """Images as they are: all their sizes and windows are made once."""

    def __init__(self, recipe, images, labels, device):
        self.labels = labels.long().to(device)
        margin = recipe.glimpse_side // 2
        levels, level = [], images.to(device)
        for scale in range(recipe.scales):
            if scale > 0:
                level = halve(level.float()).round_().byte()
            levels.append(pad(level, (margin,) * 4))
        self.windows = windows_of(levels, recipe.glimpse_side)

    def show(self, rows):
        """What `look` is to be given for images `rows` [B]: windows, and which scenes of theirs."""
        return self.windows, rows


class Canvases:
    """Each image at a random place of a larger canvas, among pieces of others; painted anew whenever they are shown."""

    def __init__(self, recipe, images, labels, device):
        self.labels = labels.long().to(device)
        self.images = images.to(device)
        self.pieces = self.images.unfold(1, PIECE, 1).unfold(2, PIECE, 1)  # [N, 21, 21, 8, 8], a view
        self.side, self.clutter, self.scales = recipe.canvas_side, recipe.clutter, recipe.scales
        self.glimpse_side, self.margin = recipe.glimpse_side, recipe.glimpse_side // 2
        self.width = self.side + 2 * self.margin  # of a canvas with its margin
        self.image_pixels = self._pixels(images.shape[1], device)
        self.piece_pixels = self._pixels(PIECE, device)

    def _pixels(self, side, device):
        """Where the pixels of a square lie in a canvas, from its corner: [side * side]."""
        along = torch.arange(side, device=device)
        return (along[:, None] * self.width + along).flatten()

    def _corners(self, count, side):
        """Random places for squares, count = (B, K): where their first pixels lie in the canvases of the batch, [B, K, 1]."""
        places = torch.randint(self.side - side + 1, (2, *count), device=self.labels.device) + self.margin
        canvas = torch.arange(count[0], device=self.labels.device)[:, None] * self.width**2
        return (canvas + places[0] * self.width + places[1]).unsqueeze(2)

    def show(self, rows):
        """Paint the canvases of images `rows` [B], pixels adding up to white at most. @see Images.show"""
        batch, device = len(rows), self.labels.device
        count = (batch, self.clutter)
        other = torch.randint(len(self.images) - 1, count, device=device)
        other += other >= rows[:, None]  # any image but its own
        cut = torch.randint(self.pieces.shape[1], (2, *count), device=device)
        at = [self._corners((batch, 1), self.images.shape[1]) + self.image_pixels, self._corners(count, PIECE) + self.piece_pixels]
        pixels = [self.images[rows], self.pieces[other, cut[0], cut[1]]]
        canvas = torch.zeros(batch * self.width**2, device=device)
        for places, values in zip(at, pixels):
            canvas.scatter_add_(0, places.flatten(), values.flatten().float())
        level = canvas.mul_(1 / 255).clamp_(max=1).view(batch, self.width, self.width)
        levels = [level]
        inside = slice(self.margin, self.margin + self.side)
        level = level[:, inside, inside]
        for _ in range(self.scales - 1):
            level = halve(level)
            levels.append(pad(level, (self.margin,) * 4))
        return windows_of(levels, self.glimpse_side), torch.arange(batch, device=device)


def make_world(recipe, images, labels, device):
    """The scenes of a recipe: canvases, or images as they are."""
    return (Canvases if recipe.canvas_side > 0 else Images)(recipe, images, labels, device)
