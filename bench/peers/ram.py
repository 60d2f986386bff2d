"""The Recurrent Attention Model (Mnih et al. 2014) in PyTorch: the peer that Saccade is measured against.

Vectorised, images held in memory, forward once with autograd, fused Adam: as fast as a practised hand would write it
without a kernel of their own. Same architecture, batch, loss and work as Saccade's default model on MNIST 28x28. Not
here: checkpoints, schedules, other tasks. One JSON line on standard output.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

PIXELS = 28  # side of an image
SIDE = 8  # side of a glimpse, one scale, one cell per pixel
CLASSES = 10
TRAINING_IMAGES = 54_000  # of the 60,000; the others are held out, as in Saccade
WHAT, WHERE, FEATURES, HIDDEN, LOCATOR = 128, 128, 256, 256, 128  # units
STD = 0.1  # of the location policy, in [-1, 1] units
LEARNING_RATE = 1e-3  # Adam
CLIP = 5.0  # norm of the whole gradient
REINFORCE_WEIGHT = 0.01  # in the hybrid loss


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train a PyTorch RAM on MNIST and print how fast it went.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the four unpacked MNIST IDX files")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch's intra-op threads")
    parser.add_argument("--epochs", type=int, default=1, help="measured epochs; 0 with --infer measures inference alone")
    parser.add_argument("--warmup-batches", type=int, default=20, help="training batches before the clock starts")
    parser.add_argument("--glimpses", type=int, default=6, help="glimpses an image, the random first look included")
    parser.add_argument("--batch", type=int, default=128, help="images a batch; an incomplete last batch is dropped")
    parser.add_argument("--device", default="cpu", help="where PyTorch computes, images and all: cpu, cuda")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, the data order and the policy")
    parser.add_argument("--compile", action="store_true", help="use torch.compile (needs a C++ compiler, warms up for a minute)")
    parser.add_argument("--infer", action="store_true", help="also measure greedy inference on the held-out images")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line (else progress on standard error)")
    arguments = parser.parse_args()
    if arguments.glimpses < 2:
        parser.error(f"--glimpses {arguments.glimpses}: at least 2, for the policy to have a part")
    return arguments


arguments = parse_arguments()
os.environ.setdefault("OMP_NUM_THREADS", str(arguments.threads))  # read once, when torch loads

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.functional import cross_entropy, pad, relu  # noqa: E402


# ---- the world -------------------------------------------------------------------------------------------------------


def read_idx(path, header):
    return torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8, offset=header)


class Images:
    """MNIST as bytes in memory, padded so that every window is whole, seen through every 8x8 window as a view."""

    def __init__(self, folder):
        pixels = read_idx(folder / "train-images-idx3-ubyte", 16).view(-1, PIXELS, PIXELS)
        self.labels = read_idx(folder / "train-labels-idx1-ubyte", 8).long().to(arguments.device)
        padded = pad(pixels, (SIDE // 2,) * 4).to(arguments.device)
        self.windows = padded.unfold(1, SIDE, 1).unfold(2, SIDE, 1)  # [N, 29, 29, 8, 8], no copy

    def glimpse(self, rows, location):
        """Windows of images `rows` [B] centred at `location` [B, 2], (x, y) in [-1, 1] -> float32 [B, 64] in [0, 1]."""
        corner = ((location + 1) * (PIXELS / 2)).round_().long()
        return self.windows[rows, corner[:, 1], corner[:, 0]].flatten(1).float().mul_(1 / 255)


# ---- the mind --------------------------------------------------------------------------------------------------------


class RecurrentAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.what = nn.Linear(SIDE * SIDE, WHAT)
        self.where = nn.Linear(2, WHERE)
        self.what_features = nn.Linear(WHAT, FEATURES)
        self.where_features = nn.Linear(WHERE, FEATURES)
        self.core_input = nn.Linear(FEATURES, HIDDEN)
        self.core_recurrent = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.locator = nn.Sequential(nn.Linear(HIDDEN, LOCATOR), nn.ReLU(), nn.Linear(LOCATOR, 2), nn.Tanh())
        self.baseline = nn.Linear(HIDDEN, 1)
        self.classifier = nn.Linear(HIDDEN, CLASSES)

    def look(self, glimpse, location, hidden):
        """One step of glimpse network and core: [B, 64], [B, 2], [B, H] or None at first -> [B, H]."""
        what, where = relu(self.what(glimpse)), relu(self.where(location))
        features = relu(self.what_features(what) + self.where_features(where))
        inputs = self.core_input(features)
        return relu(inputs if hidden is None else inputs + self.core_recurrent(hidden))


def hybrid_loss(model, images, rows, first, noise):
    """One episode of each image in `rows`, looks by `noise` [T-1, B, 2] about the mean -> loss, accuracy."""
    hidden, location = None, first
    log_probabilities, thoughts = [], []
    for step in range(len(noise) + 1):
        hidden = model.look(images.glimpse(rows, location), location, hidden)
        if step < len(noise):  # after the last glimpse there is nowhere to look
            thoughts.append(hidden.detach())
            mean = model.locator(thoughts[-1])
            sample = mean.detach() + STD * noise[step]
            log_probabilities.append((sample - mean).square().sum(1) / (-2 * STD * STD))
            location = sample.clamp(-1, 1)

    logits, labels = model.classifier(hidden), images.labels[rows]
    reward = (logits.argmax(1) == labels).float()  # [B]
    baseline = model.baseline(torch.stack(thoughts)).squeeze(2)  # [T-1, B]
    advantage = reward - baseline
    reinforce = -(torch.stack(log_probabilities) * advantage.detach()).sum(0).mean()
    loss = cross_entropy(logits, labels) + REINFORCE_WEIGHT * reinforce + advantage.square().mean()
    return loss, reward.mean().detach()


@torch.inference_mode()
def classify(model, images, rows, first, glimpses):
    """Greedy: the mean location at every step, the likeliest class at the end. [B] -> [B]."""
    hidden, location = None, first
    for step in range(glimpses):
        hidden = model.look(images.glimpse(rows, location), location, hidden)
        if step < glimpses - 1:
            location = model.locator(hidden)
    return model.classifier(hidden).argmax(1)


# ---- the measurement -------------------------------------------------------------------------------------------------


def uniform_locations(batch):
    return torch.rand(batch, 2, device=arguments.device) * 2 - 1


def train(model, images, note):
    """Seconds and processor seconds of each epoch, batches in one, accuracy of the sampled policy over the last."""
    loss_of = torch.compile(hybrid_loss, dynamic=False) if arguments.compile else hybrid_loss
    optimiser = torch.optim.Adam(model.parameters(), LEARNING_RATE, fused=True)
    parameters = list(model.parameters())

    def learn(rows):
        noise = torch.randn(arguments.glimpses - 1, len(rows), 2, device=arguments.device)
        loss, accuracy = loss_of(model, images, rows, uniform_locations(len(rows)), noise)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP, foreach=True)
        optimiser.step()
        return accuracy

    def batches():
        return torch.randperm(TRAINING_IMAGES, device=arguments.device).split(arguments.batch)[: TRAINING_IMAGES // arguments.batch]

    for rows in batches()[: arguments.warmup_batches]:
        learn(rows)
    seconds, processor, accuracy = [], [], None
    for epoch in range(arguments.epochs):
        start, started = time.perf_counter(), time.process_time()
        accuracy = torch.stack([learn(rows) for rows in batches()]).mean().item()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - started)
        note(f"epoch {epoch + 1}: {seconds[-1]:.2f} s, training accuracy {100 * accuracy:.2f} %")
    return seconds, processor, len(batches()), accuracy


def infer(model, images):
    """Images a second and accuracy, greedy, over the held-out images; the better of three passes."""
    best = 0.0
    held_out = torch.arange(TRAINING_IMAGES, len(images.labels), device=arguments.device).split(arguments.batch)
    for _ in range(3):
        start = time.perf_counter()
        guesses = [classify(model, images, rows, uniform_locations(len(rows)), arguments.glimpses) for rows in held_out]
        best = max(best, (len(images.labels) - TRAINING_IMAGES) / (time.perf_counter() - start))
    accuracy = (torch.cat(guesses) == images.labels[TRAINING_IMAGES:]).float().mean().item()
    return {"inferImagesPerSecond": round(best), "heldOutAccuracy": round(accuracy, 4)}


def main():
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    note = (lambda line: None) if arguments.json else (lambda line: print(line, file=sys.stderr, flush=True))

    images = Images(arguments.data)
    model = RecurrentAttention().to(arguments.device)
    result = {
        "torch": torch.__version__,
        "threads": arguments.threads,
        "device": arguments.device,
        "compiled": arguments.compile,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    if arguments.epochs > 0:
        seconds, processor, batches, accuracy = train(model, images, note)
        result |= {
            "secondsPerEpoch": round(statistics.median(seconds), 3),
            "fastestEpoch": round(min(seconds), 3),
            "processorSecondsPerEpoch": round(statistics.median(processor), 3),
            "imagesPerSecond": round(batches * arguments.batch / min(seconds)),
            "trainAccuracy": round(accuracy, 4),
        }
    if arguments.infer:
        result |= infer(model, images)
    result["rssMB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
