"""The cores that Saccade's recipes use: what joins the features of a glimpse with what was seen before."""

import torch
from torch import nn
from torch.nn.functional import relu, scaled_dot_product_attention

HEADS = 4


class ReluCore(nn.Module):
    """h' = relu(x W + h U + b)."""

    def __init__(self, recipe):
        super().__init__()
        hidden = recipe.hidden_units
        self.input = nn.Linear(recipe.feature_units, hidden)
        self.recurrent = nn.Linear(hidden, hidden, bias=False)
        if recipe.recurrent_start == "identity":
            nn.init.eye_(self.recurrent.weight)

    def forward(self, features, state):
        """Features [B, F] and the state, None at first -> what the heads see [B, H], the next state."""
        inputs = self.input(features)
        hidden = relu(inputs if state is None else inputs + self.recurrent(state))
        return hidden, hidden


class AttentionCore(nn.Module):
    """One layer of a transformer that attends over the glimpses seen so far; a place is told by a learned vector."""

    def __init__(self, recipe):
        super().__init__()
        hidden = recipe.hidden_units
        self.token = nn.Linear(recipe.feature_units, hidden)
        self.places = nn.Parameter(torch.empty(recipe.glimpses + 1, hidden).uniform_(-1, 1) / hidden**0.5)
        self.query, self.key, self.value, self.found = (nn.Linear(hidden, hidden) for _ in range(4))
        self.inner, self.outer = nn.Linear(hidden, 2 * hidden), nn.Linear(2 * hidden, hidden)
        self.norm, self.final_norm = nn.LayerNorm(hidden), nn.LayerNorm(hidden)

    def forward(self, features, state):
        """Features [B, F] and keys and values so far [B, heads, t, H / heads], None at first -> [B, H], the next state."""
        place = 0 if state is None else state[0].shape[2]
        token = self.token(features) + self.places[place]
        heads = (len(token), HEADS, 1, -1)
        memory = [part(token).view(heads) for part in (self.key, self.value)]
        if state is not None:
            memory = [torch.cat(parts, 2) for parts in zip(state, memory)]
        seen = scaled_dot_product_attention(self.query(token).view(heads), *memory)
        joined = self.norm(token + self.found(seen.flatten(1)))
        return self.final_norm(joined + self.outer(relu(self.inner(joined)))), memory


CORES = {"rnn": ReluCore, "attention": AttentionCore}
