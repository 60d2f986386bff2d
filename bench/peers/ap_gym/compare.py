"""Our episodes, played again in ap_gym 0.7.1: the same images, starts, moves and predictions must give the same glimpses,
positions, times, rewards and ends. Reads what episodes.ts wrote; one line a file; exit status 1 on a difference.
"""

import json
import struct
import sys

import ap_gym
import numpy as np
from ap_gym.envs.image import CircleSquareDataset, ImageClassificationDataset, ImagePerceptionConfig
from ap_gym.envs.image_classification import ImageClassificationVectorEnv
from ap_gym.envs.image_localization import ImageLocalizationVectorEnv

TOLERANCE = 1e-6


def read(path):
    """The tensors and the metadata of a safetensors file."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    types = {"F32": np.float32, "I32": np.int32}
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


class GivenImages(ImageClassificationDataset):
    """Images of ours, uint8 [N, H, W, C], as a data set of theirs."""

    def __init__(self, images, labels, classes):
        self.images, self.labels, self.classes = images, labels, classes

    def _get_num_classes(self):
        return self.classes

    def _get_num_channels(self):
        return self.images.shape[-1]

    def _get_length(self):
        return len(self.images)

    def _get_data_point(self, idx):
        return self.images[idx], self.labels[idx]


class GivenRandom:
    """Stands in for their generator: the first locations, and which labels are inverted, are ours."""

    def __init__(self, starts, inverted):
        self.starts, self.inverted = starts, inverted

    def uniform(self, *_, **__):
        return self.starts

    def integers(self, *_, **__):
        return self.inverted


def start(tensors, metadata):
    """Their environment with our episodes begun, and what it shows first."""
    options = json.loads(metadata["options"])
    locate = "targetGlimpse" in tensors
    count = len(tensors["items"])
    if "images" in tensors:
        classes = 10 if locate else tensors["outputs"].shape[-1]
        labels = np.zeros(count, np.int64) if locate else tensors["target"]
        dataset, indices = GivenImages(tensors["images"].astype(np.uint8), labels, classes), np.arange(count)
    else:
        side = options.get("side", 28)
        dataset = CircleSquareDataset(image_shape=(side, side), show_gradient=options.get("gradient", True))
        indices = tensors["items"]
    config = ImagePerceptionConfig(
        dataset=dataset, prefetch=False, randomly_invert_labels=options.get("invertLabels", False)
    )
    plain = (ImageLocalizationVectorEnv if locate else ImageClassificationVectorEnv)(count, config)
    environment = ap_gym.SparsifyVectorWrapper(plain) if options.get("reward") == "sparse" else plain
    environment.reset(seed=0)  # makes the generators that are then replaced
    module = next(value for name, value in vars(plain).items() if name.endswith("image_perception_module"))
    inverted = tensors["invertedLabel"][0, :, 1].astype(np.int64) if "invertedLabel" in tensors else None
    prefix = "_ImagePerceptionModule__"
    setattr(module, prefix + "current_rng", GivenRandom(tensors["location"][0].astype(np.float64), inverted))
    setattr(module, prefix + "data_loader", iter([(dataset.get_data_point_batch(indices), indices)]))
    observation, _ = module.reset()
    if locate:
        setattr(plain, "_ImageLocalizationVectorEnv__current_prediction_target", tensors["target"].copy())
        setattr(plain, "_ImageLocalizationVectorEnv__prev_done", np.zeros(count, np.bool_))
        observation["target_glimpse"] = module.get_glimpse(tensors["target"])
    elif not np.array_equal(module.current_labels, tensors["target"]):
        raise SystemExit(f"{metadata['id']}: the classes differ")
    return environment, observation


def compare(path):
    """The largest difference of each quantity over all episodes."""
    tensors, metadata = read(path)
    environment, observation = start(tensors, metadata)
    worst = {}

    def note(name, theirs, ours):
        theirs = np.asarray(theirs, np.float64)
        difference = np.abs(theirs - ours) / np.maximum(1, np.abs(theirs))  # our rewards are float32
        worst[name] = max(worst.get(name, 0.0), float(difference.max()))

    steps = len(tensors["reward"])
    for t in range(steps):
        note("glimpse", observation["glimpse"], tensors["glimpse"][t, :, 0])
        note("position", observation["glimpse_pos"], tensors["location"][t])
        note("time", observation["time_step"], tensors["timeStep"][t, :, 0])
        if "inverted_label" in observation:
            note("inverted", observation["inverted_label"], tensors["invertedLabel"][t].argmax(-1))
        if "target_glimpse" in observation:
            note("target glimpse", observation["target_glimpse"], tensors["targetGlimpse"][t, :, 0])
        action = {"action": tensors["move"][t].astype(np.float64) / 0.2, "prediction": tensors["outputs"][t]}
        observation, reward, terminated, truncated, _ = environment.step(action)
        note("reward", reward, tensors["reward"][t])
        note("end", terminated | truncated, tensors["terminated"][t])
    return metadata, len(tensors["items"]), worst


def main():
    failed = False
    for path in sys.argv[1:]:
        metadata, episodes, worst = compare(path)
        same = all(value <= TOLERANCE for value in worst.values())
        failed |= not same
        numbers = ", ".join(f"{name} {value:.1e}" for name, value in worst.items())
        verdict = "same" if same else "DIFFERENT"
        print(f"{verdict}: {metadata['id']} {metadata['options']}, {episodes} episodes; largest difference (relative above 1): {numbers}")
    sys.exit(failed)


main()
