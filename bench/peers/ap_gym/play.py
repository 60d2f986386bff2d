"""A trained agent of ours, exported to ONNX, plays in ap_gym's own CircleSquare through its Gymnasium interface.
    python play.py POLICY.onnx [EPISODES]
Prints one JSON line: episodes, error in percent of the last prediction, mean return, and steps a second with the agent.
The file must have been exported with --batch B; B episodes are played at once.
"""

import json
import sys
import time

import ap_gym
import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 1568
shapes = {each.name: each.shape for each in session.get_inputs()}
batch = shapes["glimpse"][0]
names = [each.name for each in session.get_outputs()]
max_move = 0.2

environment = ap_gym.make_vec("CircleSquare-v0", num_envs=batch)
episodes, wrong, total, steps, began = 0, 0, 0.0, 0, time.perf_counter()
while episodes < wanted:
    observation, _ = environment.reset(seed=episodes)
    state = {name: np.zeros(shape, np.float32) for name, shape in shapes.items() if name.startswith("state.")}
    over = False
    while not over:
        seen = {
            "glimpse": observation["glimpse"][:, None],
            "location": observation["glimpse_pos"],
            "timeStep": observation["time_step"][:, None],
        }
        out = dict(zip(names, session.run(names, {**seen, **state})))
        state = {name: out["next_" + name] for name in state}
        move = np.clip(out["next_location"] / max_move, -1, 1)
        logits = np.log(np.maximum(out["probabilities"], 1e-38))
        observation, reward, terminated, truncated, info = environment.step({"action": move, "prediction": logits})
        total += reward.sum()
        steps += batch
        over = (terminated | truncated).all()
    wrong += int((logits.argmax(-1) != info["prediction"]["target"]).sum())
    episodes += batch
seconds = time.perf_counter() - began
print(
    json.dumps(
        {
            "episodes": episodes,
            "error": round(100 * wrong / episodes, 3),
            "return": round(total / episodes, 4),
            "stepsPerSecond": round(steps / seconds),
        }
    )
)
