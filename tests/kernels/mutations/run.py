#!/usr/bin/env python3
"""Builds and runs the mutants of one list, each for every seed: run.py LIST [--build DIR] [--only TEXT]

A mutant is a copy of one kernel file with one or more texts replaced, in a folder that the compiler
searches first. Exit code 1 if any survives a seed, or no longer applies.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
SEEDS = range(1, 21)
FLAGS = ["-std=c++20", "-O1", "-ffp-contract=off", "-w"]


def read_list(path):
    """Mutants as {name, file, test, all, edits: [[from, to]]}; texts may go on in the next lines."""
    mutants = []
    for line in path.read_text().split("\n"):
        if line.startswith("name: "):
            mutants.append({"name": line[6:], "all": False, "edits": []})
        elif not mutants:
            continue
        elif line.startswith(("file: ", "test: ")):
            mutants[-1][line[:4]] = line[6:]
        elif line.startswith("all: "):
            mutants[-1]["all"] = True
        elif line == "-" or line.startswith("- "):
            mutants[-1]["edits"].append([line[2:], None])
        elif line == "+" or line.startswith("+ "):
            mutants[-1]["edits"][-1][1] = line[2:]
        elif mutants[-1]["edits"]:
            edit = mutants[-1]["edits"][-1]
            side = 0 if edit[1] is None else 1
            edit[side] += "\n" + line
    for mutant in mutants:
        mutant["edits"] = [[old, new.rstrip("\n")] for old, new in mutant["edits"]]
    return mutants


def mutated(mutant):
    """The file's text with the mutant's edits, or None where they no longer fit."""
    text = (ROOT / mutant["file"]).read_text()
    for old, new in mutant["edits"]:
        found = text.count(old)
        if found == 0 or (found > 1 and not mutant["all"]):
            return None
        text = text.replace(old, new)
    return text


def build(mutant, text, folder, libraries):
    target = folder / mutant["file"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    program = folder / "test"
    command = ["g++", *FLAGS, f"-I{folder}", f"-I{ROOT}", ROOT / mutant["test"], "-o", program]
    command += [*libraries, "-lgtest_main", "-lgtest", "-lpthread"]
    return program if subprocess.run(command, capture_output=True).returncode == 0 else None


def kills(program):
    count = 0
    for seed in SEEDS:
        environment = dict(os.environ, WINDTUNNEL_SEED=str(seed))
        try:
            run = subprocess.run([program], capture_output=True, env=environment, timeout=120)
            count += run.returncode != 0
        except subprocess.TimeoutExpired:
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    layers = ["moe", "testing", "ops", "device"]
    libraries = [arguments.build / f"kernels/{layer}/lib{layer}.a" for layer in layers]
    survivors = 0
    for mutant in read_list(arguments.list):
        if arguments.only not in mutant["name"]:
            continue
        text = mutated(mutant)
        with tempfile.TemporaryDirectory() as folder:
            program = text and build(mutant, text, pathlib.Path(folder), libraries)
            outcome = f"{kills(program)}/{len(SEEDS)}" if program else "does not apply or compile"
        survivors += outcome != f"{len(SEEDS)}/{len(SEEDS)}"
        print(f"{mutant['name']}: {outcome}", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
