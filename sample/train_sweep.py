"""Really train small U-Nets on CPU, in two W&B-style sweeps, and write them as sweeps.json.gz.

    python train_sweep.py run sweep1 --workers 2    # the first sweep, 160 runs
    python train_sweep.py run repeats               # 3 of its configurations x 5 seeds, outside the sweep
    python train_sweep.py run sweep2 --workers 2    # the narrowed follow-up, 60 runs
    python train_sweep.py export                    # progress files -> sweeps.json.gz
    python train_sweep.py once '{"batch_size": 8, "learning_rate": 0.002, "dropout": 0.2, "l2_reg": 1e-4}' --seed 3

The next configuration is chosen by W&B's own search code (PyPI `sweeps`, method bayes). A run is one forked process
with one torch thread; it appends a JSON line per epoch to its own file under --progress, so a stop loses nothing and
the same command goes on where it was. Data and split are fixed; a run's seed (config "seed") sets its weights, the
order of its batches and its dropout, so one configuration and seed give the same numbers again on the same machine.
"""

# Kept as it was when it trained the sample: the tools leave it alone.
# ruff: noqa
# fmt: off
import argparse
import copy
import datetime
import gzip
import json
import os
import random
import signal
import string
import sys
import time
import traceback
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
warnings.filterwarnings("ignore")

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)

ENTITY, PROJECT, METRIC = "sample", "classic_unet_segmentation", "val_dice_coefficient"
SIZE, N_TRAIN, N_VAL, N_TEST, DATA_SEED = 64, 40, 40, 40, 20240607
EPOCHS, PATIENCE, BASE = 40, 10, 8


def sweep_config(name, description, batch_sizes, learning_rate, dropout, l2_reg):
    uniform = lambda low, high: {"distribution": "uniform", "min": low, "max": high}
    return {
        "program": "train_sweep.py", "method": "bayes", "name": name, "description": description,
        "metric": {"name": METRIC, "goal": "maximize"},
        "parameters": {
            "batch_size": {"values": batch_sizes},
            "learning_rate": uniform(*learning_rate),
            "dropout": uniform(*dropout),
            "l2_reg": uniform(*l2_reg),
            "epochs": {"value": EPOCHS},
            "input_shape": {"value": [SIZE, SIZE, 1]},
            "task": {"value": "segmentation"},
        },
    }


SWEEPS = {
    "sweep1": (160, sweep_config(
        "unet-phantom-1", "First look over the whole space.",
        [4, 8, 16], (0.0001, 0.01), (0.1, 0.5), (0.00001, 0.001))),
    "sweep2": (60, sweep_config(
        "unet-phantom-2", "Follow-up of unet-phantom-1: the three ranges are narrowed to those that hold its ten best "
        "runs; batch_size 8, no edge, had the best mean and the best run, so its neighbours 6 and 12 are tried and 16, "
        "the worst on average, is dropped.",
        [4, 6, 8, 12], (0.0008, 0.0055), (0.1, 0.38), (0.00025, 0.00075))),
}
KILLS, STOPS = {"sweep1": 5}, {"sweep1": 2}  # runs to end on purpose: by SIGKILL (crashed), by SIGTERM (killed)


# ---------------------------------------------------------------- data: phantom images

def phantom(rng):
    """One speckled image with 0-3 soft elliptical lesions, dark streaks that are no lesions, and its mask."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1.0)
    angle = rng.uniform(0, 2 * np.pi)
    tissue = 0.5 + 0.12 * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle))
    for _ in range(rng.integers(1, 4)):  # slow, soft brightness patches: look like lesions, but wider
        cx, cy, w = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.2, 0.35)
        tissue += rng.uniform(-0.12, 0.12) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * w * w))
    for _ in range(rng.integers(0, 3)):  # acoustic shadows: narrow dark vertical streaks
        cx, w, top = rng.uniform(0, 1), rng.uniform(0.01, 0.04), rng.uniform(0, 0.7)
        tissue -= rng.uniform(0.05, 0.2) * np.exp(-((x - cx) ** 2) / (2 * w * w)) * (y > top)
    mask = np.zeros((SIZE, SIZE))
    for _ in range(rng.choice(4, p=[0.1, 0.4, 0.3, 0.2])):
        cx, cy = rng.uniform(0.15, 0.85, 2)
        a, b, turn = rng.uniform(0.09, 0.22), rng.uniform(0.07, 0.16), rng.uniform(0, np.pi)
        u = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
        v = (y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)
        radius = np.sqrt((u / a) ** 2 + (v / b) ** 2)
        tissue -= rng.uniform(0.11, 0.34) / (1 + np.exp((radius - 1) / rng.uniform(0.06, 0.2)))
        mask = np.maximum(mask, radius <= 1)
    speckle = rng.gamma(4.0, 1 / 4.0, (SIZE, SIZE))  # multiplicative, with grains about 2 pixels wide
    speckle = (speckle + np.roll(speckle, 1, 0) + np.roll(speckle, 1, 1) + np.roll(speckle, (1, 1), (0, 1))) / 4
    image = np.clip(tissue, 0.02, 1) * speckle + rng.normal(0, 0.03, (SIZE, SIZE))
    return (image - image.mean()) / image.std(), mask


def make_data():
    """{'train' | 'val' | 'test': (images, masks)}, the same for every run."""
    rng, data = np.random.default_rng(DATA_SEED), {}
    for part, count in (("train", N_TRAIN), ("val", N_VAL), ("test", N_TEST)):
        pairs = [phantom(rng) for _ in range(count)]
        data[part] = tuple(np.stack(column)[:, None].astype("float32") for column in zip(*pairs))
    return data


# ---------------------------------------------------------------- model, loss, metrics

def double_conv(n_in, n_out):
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(inplace=True),
                         nn.Conv2d(n_out, n_out, 3, padding=1), nn.ReLU(inplace=True))


class UNet(nn.Module):
    """Classic U-Net, two poolings, BASE filters at the top, dropout in the bottleneck and in the decoder."""

    def __init__(self, dropout):
        super().__init__()
        b = BASE
        self.down1, self.down2, self.bottom = double_conv(1, b), double_conv(b, 2 * b), double_conv(2 * b, 4 * b)
        self.up2, self.up1 = nn.ConvTranspose2d(4 * b, 2 * b, 2, 2), nn.ConvTranspose2d(2 * b, b, 2, 2)
        self.join2, self.join1 = double_conv(4 * b, 2 * b), double_conv(2 * b, b)
        self.head, self.drop = nn.Conv2d(b, 1, 1), nn.Dropout2d(dropout)
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)

    def forward(self, x):
        one = self.down1(x)
        two = self.down2(F.max_pool2d(one, 2))
        x = self.drop(self.bottom(F.max_pool2d(two, 2)))
        x = self.drop(self.join2(torch.cat([self.up2(x), two], 1)))
        return self.head(self.join1(torch.cat([self.up1(x), one], 1)))


def objective(logits, masks, model, l2_reg):
    """BCE + (1 - soft Dice) + l2_reg x sum of squared kernels, and the counts the metrics are made of.

    The L2 penalty is part of the loss, as with a Keras kernel regularizer: losses compare only at equal l2_reg.
    """
    p = torch.sigmoid(logits)
    counts = torch.stack([(p * masks).sum(), p.sum(), masks.sum()])
    dice = (2 * counts[0] + 1) / (counts[1] + counts[2] + 1)
    l2 = sum((m.weight ** 2).sum() for m in model.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)))
    return F.binary_cross_entropy_with_logits(logits, masks) + 1 - dice + l2_reg * l2, counts.detach()


def metrics(counts):
    """Soft Dice and IoU over all pixels of a split together."""
    both, predicted, true = (float(c) for c in counts)
    return (2 * both + 1) / (predicted + true + 1), (both + 1) / (predicted + true - both + 1)


# ---------------------------------------------------------------- one training run

def train(config, data, log):
    """Train once; log(row) after every epoch. Returns what goes into the summary besides the last row."""
    torch.manual_seed(config["seed"])
    model = UNet(config["dropout"]).to(memory_format=torch.channels_last)  # faster on CPU
    adam = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])
    split = {part: tuple(torch.from_numpy(a).contiguous(memory_format=torch.channels_last) for a in pair)
             for part, pair in data.items()}
    images, masks = split["train"]

    def evaluate(part):
        model.eval()
        with torch.no_grad():
            loss, counts = objective(model(split[part][0]), split[part][1], model, config["l2_reg"])
        return (float(loss), *metrics(counts))

    best = {"epoch": None, "loss": float("inf"), "weights": copy.deepcopy(model.state_dict())}
    for epoch in range(config["epochs"]):
        model.train()
        total, counts = 0.0, torch.zeros(3)
        for batch in torch.randperm(len(images)).split(config["batch_size"]):
            adam.zero_grad()
            loss, part = objective(model(images[batch]), masks[batch], model, config["l2_reg"])
            loss.backward()
            adam.step()
            total, counts = total + float(loss) * len(batch), counts + part
        dice, iou = metrics(counts)
        val_loss, val_dice, val_iou = evaluate("val")
        log({"epoch": epoch, "loss": total / len(images), "dice_coefficient": dice, "iou_metric": iou,
             "val_loss": val_loss, "val_dice_coefficient": val_dice, "val_iou_metric": val_iou})
        if val_loss < best["loss"]:
            best = {"epoch": epoch, "loss": val_loss, "weights": copy.deepcopy(model.state_dict())}
        elif epoch - (-1 if best["epoch"] is None else best["epoch"]) >= PATIENCE:
            break
    model.load_state_dict(best["weights"])  # the test figures are of the best epoch, not of the last
    test_loss, test_dice, test_iou = evaluate("test")
    return {"best_epoch": best["epoch"], "best_val_loss": best["loss"],
            "test_loss": test_loss, "test_dice": test_dice, "test_iou": test_iou}


class Stopped(Exception):
    pass


def child(path, config, data):
    """Body of a run's process: append JSON lines to path; exit 0 finished, 3 killed (SIGTERM), 1 failed."""
    def stop(*_):
        raise Stopped
    signal.signal(signal.SIGTERM, stop)
    begin, out, step = time.time(), open(path, "a"), [0]

    def write(kind, row, now):
        row = {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()}
        row = {k: str(v).replace("nan", "NaN").replace("inf", "Infinity")  # as W&B writes them
               if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}
        row |= {"_runtime": round(now - begin, 3), "_timestamp": round(now, 3)}
        out.write(json.dumps({"kind": kind, **row}) + "\n")
        out.flush()

    def log(row):
        write("epoch", {"_step": step[0], **row}, time.time())
        step[0] += 1
    try:
        write("done", train(config, data, log), time.time())
        code = 0
    except Stopped:
        write("stopped", {}, time.time())
        code = 3
    except Exception:
        traceback.print_exc()
        code = 1
    os._exit(code)


# ---------------------------------------------------------------- the sweep: choose, start, collect

ADJECTIVES = """amber brisk calm clear copper crisp dapper eager early fresh gentle glad golden grand green hazy honest
    icy jolly keen kind lively lucky lunar mellow misty noble pale quick quiet royal rustic silent silver snowy solar
    stellar sunny swift tidal tidy vivid warm wild wise young""".split()
NOUNS = """anchor aspen badger beacon birch breeze brook canyon cedar cloud comet cove dawn delta dune ember falcon
    fern field finch fjord forest glade harbor heron hill island lagoon lake lark maple meadow mesa moon otter pebble
    pine plum pond raven reef ridge river robin sky spruce star stone stream summit thunder valley wave willow
    wren""".split()


def new_id(rng):
    return "".join(rng.choice(string.ascii_lowercase + string.digits) for _ in range(8))


def iso(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def load(path):
    """A run's progress file -> the run as it is exported; state None while it has no end line."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    head, state, extra, history = lines[0], None, {}, []
    beat = head["created"]
    for line in lines[1:]:
        kind = line.pop("kind")
        beat = max(beat, line.get("_timestamp", 0))
        if kind == "epoch":
            history.append(line)
        elif kind == "end":
            state = line["state"]
        else:
            extra = line
    summary = {**history[-1], **extra} if history else dict(extra)
    return {"id": head["id"], "name": head["name"], "state": state, "created_at": iso(head["created"]),
            "heartbeat_at": iso(beat), "runtime": round(beat - head["created"], 2), "tags": head["tags"],
            "config": head["config"], "summary": summary, "history": history}


def suggest(sweep, runs, number):
    """The next configuration, by W&B's search code; runs still going are passed on as running."""
    from sweeps import RunState, SweepRun, next_run
    np.random.seed(1000 + number)
    known = [SweepRun(config={k: {"value": v} for k, v in r["config"].items()}, summaryMetrics=r["summary"],
                      history=r["history"], state=RunState(r["state"] or "running")) for r in runs]
    return {k: v["value"] for k, v in next_run(sweep, known).config.items()}


def run_group(group, folder, workers):
    folder.mkdir(parents=True, exist_ok=True)
    rng, data, live = random.Random(), make_data(), {}
    if group == "repeats":
        first = sorted((r for r in read_runs(folder.parent / "sweep1") if r["state"] == "finished"),
                       key=lambda r: -number_of(r))
        chosen = [first[0], first[len(first) // 2], first[3 * len(first) // 4]]  # best, median, lower quartile
        todo = [({**r["config"], "repeat_of": r["id"]}, 5001 + k) for r in chosen for k in range(5)]
        total, sweep = len(todo), None
    else:
        total, sweep = SWEEPS[group]
        if not (folder / "sweep.json").exists():
            (folder / "sweep.json").write_text(json.dumps({"id": new_id(rng), "created_at": iso(time.time())}))
    for path in sorted(folder.glob("*.jsonl")):  # left by an earlier controller that was itself stopped
        if load(path)["state"] is None:
            end(path, "crashed")
    plan = random.Random(group).sample(range(10, total), KILLS.get(group, 0) + STOPS.get(group, 0))
    doom = {n: signal.SIGKILL if i < KILLS[group] else signal.SIGTERM for i, n in enumerate(plan)}
    number = len(list(folder.glob("*.jsonl")))
    while number < total or live:
        while number < total and len(live) < workers:
            if sweep:
                config, tags = {**suggest(sweep, read_runs(folder), number), "seed": 101 + number}, []
                name = f"{rng.choice(ADJECTIVES)}-{rng.choice(NOUNS)}-sweep-{number + 1}"
            else:
                (config, seed), tags = todo[number], ["repeat"]
                config, name = {**config, "seed": seed}, f"{rng.choice(ADJECTIVES)}-{rng.choice(NOUNS)}-{number + 1}"
            path = folder / f"{number:04d}.jsonl"
            path.write_text(json.dumps({"id": new_id(rng), "name": name, "tags": tags, "config": config,
                                        "created": time.time()}) + "\n")
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                child(path, config, data)
            live[pid] = (path, doom.get(number), rng.uniform(1.5, 6.0), time.time())  # seconds until its signal
            number += 1
        time.sleep(0.05)
        for pid, (path, sig, after, began) in list(live.items()):
            if sig and time.time() - began > after:
                os.kill(pid, sig)
                live[pid] = (path, None, after, began)
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del live[pid]
                if sig:  # it ended before its signal was due: the next run gets it
                    doom.setdefault(number, sig)
                code = os.waitstatus_to_exitcode(status)
                end(path, {0: "finished", 3: "killed", -9: "crashed"}.get(code, "failed"))
                run = load(path)
                print(run["name"], run["state"], len(run["history"]), run["runtime"],
                      {k: v if isinstance(v, (int, str)) else round(v, 5) for k, v in run["config"].items()
                       if k not in ("epochs", "input_shape", "task")}, run["summary"].get(METRIC), flush=True)


def end(path, state):
    with open(path, "a") as out:
        out.write("\n" + json.dumps({"kind": "end", "state": state}) + "\n")


def read_runs(folder):
    return [load(path) for path in sorted(folder.glob("*.jsonl"))]


def number_of(run):
    """The run's objective as a number; minus infinity where it has none."""
    value = run["summary"].get(METRIC)
    return value if isinstance(value, float) else float("-inf")


def export(progress, target):
    out = {"entity": ENTITY, "project": PROJECT, "sweeps": [], "runs": read_runs(progress / "repeats")}
    for key, (_, config) in SWEEPS.items():
        if (progress / key / "sweep.json").exists():
            head = json.loads((progress / key / "sweep.json").read_text())
            out["sweeps"].append({"id": head["id"], "name": config["name"], "state": "FINISHED", "config": config,
                                  "created_at": head["created_at"], "runs": read_runs(progress / key)})
    text = json.dumps(out, separators=(",", ":"), allow_nan=False).encode()
    target.write_bytes(gzip.compress(text, 9, mtime=0))
    print({s["name"]: len(s["runs"]) for s in out["sweeps"]}, len(out["runs"]), "repeats", len(text), "bytes unpacked")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["run", "export", "once"])
    parser.add_argument("what", nargs="?", help="sweep1, sweep2 or repeats; for once, a configuration in JSON")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--progress", type=Path, default=Path("progress"))
    parser.add_argument("--out", type=Path, default=Path("sweeps.json.gz"))
    args = parser.parse_args()
    if args.command == "run":
        run_group(args.what, args.progress / args.what, args.workers)
    elif args.command == "export":
        export(args.progress, args.out)
    else:
        print(train({"epochs": EPOCHS, "seed": args.seed, **json.loads(args.what)}, make_data(), print))


if __name__ == "__main__":
    main()
