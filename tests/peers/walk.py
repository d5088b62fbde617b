"""Walking beside pandana on the same graph: one-to-all, what is within 15 minutes, and the five nearest places.

walk.py WALK_PEER STREETS.osm.pbf… — runs our program on each file, asks pandana the same, compares and prints the ratios.
Fails when times differ or pandana is less than twice as slow. It adds seconds as 32-bit floats, so that times of hours
differ by hundredths of a second.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandana
import pandas as pd

NEAR = 900.0
K = 5
ROUNDS = 5


def timed(work):
    """Least seconds of some rounds, and the last outcome."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        outcome = work()
        best = min(best, time.perf_counter() - started)
    return best, outcome


def main():
    program, files = sys.argv[1], sys.argv[2:]
    failed = []
    print(f"{'walking':24} {'question':28} {'ours s':>9} {'pandana s':>9} {'ratio':>7}  largest difference")
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            failed += compare(program, file, Path(folder))
    for line in failed:
        print("FAILED:", line)
    sys.exit(bool(failed))


def compare(program, file, folder):
    run = subprocess.run([program, file, folder], check=True, capture_output=True, text=True)
    ours = json.loads(run.stdout)
    nodes = pd.read_csv(folder / "nodes.csv", index_col="node")
    arcs = pd.read_csv(folder / "arcs.csv")
    arcs["seconds"] = arcs["milliseconds"] / 1000.0
    places = pd.read_csv(folder / "places.csv")["node"].to_numpy()
    started = time.perf_counter()
    network = pandana.Network(
        nodes["x"], nodes["y"], arcs["from"], arcs["to"], arcs[["seconds"]], twoway=False
    )
    prepare = time.perf_counter() - started
    name = f"{Path(file).name.split('.')[0]}"
    print(f"{name:24} {ours['nodes']} nodes, {ours['arcs']} arcs; prepared in {ours['prepare']:.3f} s and {prepare:.3f} s")
    failed = []

    def report(question, key, theirs, difference, at_least=2.0, may_differ=0.02):
        ratio = theirs / ours[key]
        print(f"{name:24} {question:28} {ours[key]:9.4f} {theirs:9.4f} {ratio:7.1f}  {difference:.4f}")
        if difference > may_differ:
            failed.append(f"{name}: {question} differs by {difference}")
        if ratio < at_least:
            failed.append(f"{name}: {question} is only {ratio:.2f} times as fast")

    count = len(nodes)
    origins = [i * 7919 % count for i in range(100)]
    own = np.fromfile(folder / "one_to_all.u32", dtype="<u4").reshape(len(origins), count) / 1000.0
    seconds, found = timed(lambda: network.nodes_in_range(origins, own.max() + 1.0))
    theirs = np.full((len(origins), count), np.nan)
    row = {origin: index for index, origin in enumerate(origins)}
    theirs[[row[o] for o in found["source"]], found["destination"].to_numpy()] = found["seconds"].to_numpy()
    assert not np.isnan(theirs).any(), "pandana reaches every node"
    report("one to all, 100 origins", "one_to_all", seconds, np.abs(theirs - own).max())

    network.set(pd.Series(nodes.index), variable=pd.Series(1.0, index=nodes.index), name="one")
    own = np.fromfile(folder / "within.u32", dtype="<u4")
    # Without its cache of ranges, as ours has none.
    seconds, found = timed(lambda: network.aggregate(NEAR, type="count", name="one"))
    differing = int((found.to_numpy() != own).sum())
    report("nodes within 15 min, all", "within", seconds, differing, may_differ=0.001 * count)

    own = np.fromfile(folder / "nearest.u32", dtype="<u4").reshape(count, K).astype(float)
    own[own == 0xFFFFFFFF] = NEAR * 1000.0
    at = nodes.loc[places]
    network.set_pois("places", NEAR, K, at["x"], at["y"])
    seconds, found = timed(lambda: network.nearest_pois(NEAR, "places", num_pois=K))
    theirs = found.to_numpy()
    report("five nearest of 200, all", "nearest", seconds, np.abs(theirs - own / 1000.0).max())
    return failed


main()
