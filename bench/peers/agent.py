"""The Recurrent Attention Model (Mnih et al. 2014) with the options that Saccade's recipes use, and its hybrid loss."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, relu

from core import CORES
from world import look

CLASSES = 10
FILTER = 4  # side of a filter of the convolutions


class RecurrentAttention(nn.Module):
    def __init__(self, recipe):
        super().__init__()
        self.recipe = recipe
        what, where, features, hidden, locator = (
            recipe.what_units, recipe.where_units, recipe.feature_units, recipe.hidden_units, recipe.locator_units,
        )  # fmt: skip
        pixels = seen = recipe.scales * recipe.glimpse_side**2
        if recipe.what_filters > 0:
            first, second = recipe.what_filters, 2 * recipe.what_filters
            self.filters1, self.filters2 = nn.Linear(FILTER**2, first), nn.Linear(FILTER**2 * first, second)
            left = (recipe.glimpse_side // 2 - 1) // 2 - 1  # side of the image behind both
            seen = recipe.scales * second * left**2
        layers = [nn.Linear(seen, what), nn.ReLU()]
        for _ in range(recipe.what_layers - 1):
            layers += [nn.Linear(what, what), nn.ReLU()]
        self.what = nn.Sequential(*layers)
        self.where = nn.Linear(2, where)
        self.from_what = nn.Linear(what, features)
        self.from_where = nn.Linear(where, features)
        self.core = CORES[recipe.core](recipe)
        self.locator = nn.Linear(hidden, locator)
        self.sight = nn.Linear(pixels, locator, bias=False) if recipe.locator_sees else None
        self.mean = nn.Linear(locator, 2)
        self.baseline = nn.Linear(hidden, 1)
        self.classifier = nn.Linear(hidden, CLASSES)

    def filtered(self, glimpse):
        """
        Two convolutions over every scale, 4x4 and 2 apart: [B, S, G, G] -> [B, S, places, filters]; as
        products of matrices, forward and backward quicker than `nn.Conv2d` on a CPU.
        """
        patches = glimpse.flatten(0, 1).unfold(1, FILTER, 2).unfold(2, FILTER, 2).flatten(3)  # [B * S, 6, 6, 16]
        image = relu(self.filters1(patches))
        starts = range(0, image.shape[1] - FILTER + 1, 2)
        cut = [image[:, y : y + FILTER, x : x + FILTER].flatten(1) for y in starts for x in starts]
        return relu(self.filters2(torch.stack(cut, 1))).unflatten(0, glimpse.shape[:2])

    def remember(self, glimpse, location, state):
        """One step of glimpse network and core: [B, S, G, G], [B, 2], the core's state -> [B, H], the next state."""
        seen = self.filtered(glimpse) if self.recipe.what_filters > 0 else glimpse
        features = relu(self.from_what(self.what(seen.flatten(1))) + self.from_where(relu(self.where(location))))
        return self.core(features, state)

    def locate(self, memory, glimpse, location):
        """The mean of the next location [B, 2]: a place, or a move from the present one."""
        units = self.locator(memory)
        if self.sight is not None:
            units = units + self.sight(glimpse.flatten(1))
        mean = self.mean(relu(units)).tanh()
        return location + mean if self.recipe.location_mode == "relative" else mean


def hybrid_loss(model, windows, rows, labels, first, noise):
    """One episode of each scene in `rows` [B], moved by `noise` [T-1, B, 2] about the mean -> loss, accuracy."""
    recipe = model.recipe
    detached = recipe.detach == "heads"
    state, location = None, first
    squares, memories = [], []
    for step in range(recipe.glimpses):
        glimpse = look(windows, rows, location)
        hidden, state = model.remember(glimpse, location, state)
        memories.append(hidden)
        if step < len(noise):  # after the last glimpse there is nowhere to look
            mean = model.locate(hidden.detach() if detached else hidden, glimpse, location)
            sample = mean.detach() + recipe.std * noise[step]
            squares.append((sample - mean).square().sum(1))
            location = sample.clamp(-1, 1)
    memory = torch.stack(memories)  # [T, B, H]

    # what to say: at the last step, or at every step with a weight that rises
    rising = recipe.supervision == "rising"
    logits = model.classifier(memory if rising else memory[-1:])  # [T or 1, B, K]
    steps = len(logits)
    losses = cross_entropy(logits.flatten(0, 1), labels.repeat(steps), reduction="none").view(steps, -1)
    weights = torch.arange(1.0, steps + 1, device=labels.device)
    supervised = (losses.mean(1) * weights).sum() / weights.sum()

    # how good was it: right in the end and, with gains, likelier than a step before
    right = (logits[-1].argmax(1) == labels).float()  # [B]
    rewards = [torch.zeros_like(right)] * (recipe.glimpses - 1) + [right]
    if recipe.reward == "gain":
        belief = losses.detach().neg().exp()  # [T, B]: the probability of what is right
        rewards = [reward + now - before for reward, now, before in zip(rewards, belief, [1 / CLASSES, *belief])]
    for step in reversed(range(recipe.glimpses - 1)):
        rewards[step] = rewards[step] + recipe.discount * rewards[step + 1]
    returns = torch.stack(rewards)  # [T, B]

    # where to look, and what to expect
    value = model.baseline(memory.detach() if detached else memory).squeeze(2)
    advantage = returns - value
    log_probability = torch.stack(squares) / (-2 * recipe.std**2)  # [T-1, B], but for a constant
    policy = -(log_probability * advantage[:-1].detach()).sum(0).mean()
    loss = supervised + recipe.policy_weight * policy + recipe.baseline_weight * advantage.square().mean()
    return loss, right.mean()


@torch.inference_mode()
def classify(model, windows, rows, first):
    """Greedy: the mean location at every step, the likeliest class at the end. [B] -> [B]."""
    state, location = None, first
    for step in range(model.recipe.glimpses):
        glimpse = look(windows, rows, location)
        hidden, state = model.remember(glimpse, location, state)
        if step < model.recipe.glimpses - 1:
            location = model.locate(hidden, glimpse, location).clamp(-1, 1)
    return model.classifier(hidden).argmax(1)
