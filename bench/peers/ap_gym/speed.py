"""How many steps a second ap_gym's CircleSquare takes, random moves, 128 episodes at once: python speed.py SECONDS"""

import sys
import time

import ap_gym
import numpy as np

batch = 128
environment = ap_gym.make_vec("CircleSquare-v0", num_envs=batch)
rng = np.random.default_rng(0)
environment.reset(seed=0)
steps, began = 0, time.process_time()
while time.process_time() - began < float(sys.argv[1]):
    action = {"action": rng.uniform(-1, 1, (batch, 2)), "prediction": rng.normal(size=(batch, 2))}
    _, _, terminated, _, _ = environment.step(action)
    steps += batch
    if terminated.all():
        environment.reset()
print(round(steps / (time.process_time() - began)))
