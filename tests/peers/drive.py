"""Car and bicycle beside Valhalla on the same streets, at one speed everywhere: do we find the same ways?

drive.py DRIVE_PEER VALHALLA STREETS.osm.pbf POINTS.csv
  DRIVE_PEER  the example `drive_peer` of the crate stadsmaquette-scenarios, built for release
  VALHALLA    the folder of an unpacked pyvalhalla wheel (its programs need no Python of their own)

Valhalla is asked for the shortest way; its length at our speed is its time. The difference that remains is what both think
of one-way streets, access and where a place is joined to a street. Ends with 1 when the median difference is above a minute.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

STEP = 18
MODES = [("car", "auto", 30.0), ("cycle", "bicycle", 15.0)]


def main():
    program, valhalla, streets, points = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    programs = valhalla / "valhalla" / "bin"
    for file in programs.iterdir():
        file.chmod(0o755)
    with open(points, newline="") as file:
        rows = list(csv.DictReader(file))[::STEP]
    places = [{"lon": float(row["lon"]), "lat": float(row["lat"])} for row in rows]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        config = json.loads(
            subprocess.run(
                [sys.executable, valhalla / "valhalla" / "valhalla_build_config.py"],
                check=True, capture_output=True, text=True,
            ).stdout
        )
        config["mjolnir"].update(tile_dir=f"{folder}/tiles", concurrency=2, admin="", timezone="")
        config["mjolnir"].pop("tile_extract", None)
        config["service_limits"]["auto"]["max_matrix_distance"] = 4e6
        config["service_limits"]["bicycle"]["max_matrix_distance"] = 4e6
        for limits in config["service_limits"].values():
            if isinstance(limits, dict) and "max_matrix_location_pairs" in limits:
                limits["max_matrix_location_pairs"] = 1_000_000
        settings = Path(folder) / "valhalla.json"
        settings.write_text(json.dumps(config))
        started = time.perf_counter()
        subprocess.run([programs / "valhalla_build_tiles", "-c", settings, streets], check=True, capture_output=True)
        print(f"Valhalla prepared its tiles in {time.perf_counter() - started:.1f} s")
        for mode, costing, kmh in MODES:
            failed |= compare(program, programs, settings, streets, points, places, mode, costing, kmh)
    sys.exit(failed)


def compare(program, programs, settings, streets, points, places, mode, costing, kmh):
    run = subprocess.run(
        [program, streets, points, mode, str(kmh), str(STEP)], check=True, capture_output=True, text=True
    )
    timing = json.loads(run.stderr.strip().splitlines()[-1])
    own = np.array(
        [[float(cell) if cell else np.nan for cell in line.split(",")] for line in run.stdout.splitlines()]
    )
    request = {
        "sources": places,
        "targets": places,
        "costing": costing,
        "costing_options": {costing: {"shortest": True}},
    }
    started = time.perf_counter()
    answer = subprocess.run(
        [programs / "valhalla_service", settings, "sources_to_targets", json.dumps(request)],
        check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
    ).stdout
    seconds = time.perf_counter() - started
    answer = json.loads(answer[answer.index("{"):])
    theirs = np.full(own.shape, np.nan)
    for row in answer["sources_to_targets"]:
        for cell in row:
            if cell.get("distance") is not None:
                theirs[cell["from_index"], cell["to_index"]] = cell["distance"] * 3600.0 / kmh
    off = ~np.eye(len(own), dtype=bool)
    both = off & ~np.isnan(own) & ~np.isnan(theirs)
    one = off & (np.isnan(own) != np.isnan(theirs))
    difference = np.abs(own - theirs)[both]
    median, p95 = np.median(difference), np.percentile(difference, 95)
    print(
        f"{mode} at {kmh:.0f} km/h: {both.sum()} pairs, mean {own[both].mean() / 60:.1f} min; median difference {median:.0f} s, "
        f"P95 {p95:.0f} s; {one.sum()} reached by one only; matrix in {timing['matrix']:.3f} s, Valhalla {seconds:.1f} s "
        "with its start"
    )
    return bool(median > 60.0 or both.sum() < 0.8 * off.sum())


main()
