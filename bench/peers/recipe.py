"""The recipes that the peer knows: the numbers of recipes.json, which a test holds to Saccade's own.

No torch here.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace

_FOUND = json.loads(Path(__file__).with_name("recipes.json").read_text())
NAMES = [name for name in _FOUND if name != "common"]


def read_recipe(name, **changes):
    """All options of a recipe side by side, `glimpseSide` as `glimpse_side`; a change that is None is none."""
    options = {"canvas_side": 0, "clutter": 0, "parameters": _FOUND[name]["parameters"]}
    for part in (_FOUND["common"], _FOUND[name]):
        for group in ("environment", "agent", "algorithm", "training"):
            options |= {_snake(key): value for key, value in part[group].items()}
    return SimpleNamespace(**options | {key: value for key, value in changes.items() if value is not None})


def _snake(key):
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), key)
