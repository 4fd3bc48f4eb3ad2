"""Makers of text shaped like the run tables that W&B's website exports, for tests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

COLORS = ("amber", "brisk", "calm", "dapper", "early", "fresh", "gentle", "hazy", "icy", "jolly")


def to_csv(header: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str = ",", quote_all: bool = True) -> str:
    """Write a table as W&B does: every cell quoted, None as blank, lists as JSON, true and false in lower case."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def unet_export(runs: int = 40, seed: int = 0, crashed: int = 0, pinned: Sequence[str] = ()) -> str:
    """Return a small export with the columns of a real segmentation sweep, empty ones among them.

    The last `crashed` runs logged nothing. `pinned` columns come first, as a user may have arranged them.
    """
    rng = np.random.default_rng(seed)
    empty = ["method", "metric.goal", "metric.name", "parameters.dropout.max", "parameters.dropout.min", "program"]
    config = sorted(["batch_size", "dropout", "epochs", "input_shape", "l2_reg", "learning_rate", "task", *empty])
    summary = sorted(
        ["best_epoch", "dice_coefficient", "epoch", "loss", "test_dice", "val_dice_coefficient", "val_loss"]
    )
    rows = []
    for number in range(runs):
        ended = number >= runs - crashed
        rate = float(rng.uniform(1e-4, 1e-2))
        dice = 0.55 - 2 * rate + float(rng.normal(0, 0.01))
        run = {
            "Name": f"{COLORS[number % 10]}-sweep-{number + 1}",
            "State": "crashed" if ended else "finished",
            "Created": f"2025-06-{1 + number // 24:02d}T{number % 24:02d}:10:00.000Z",
            "Runtime": int(rng.integers(600, 1200)),
            "Sweep": "1jpj8b17",
            "batch_size": int(rng.choice([4, 8, 16])),
            "dropout": float(rng.uniform(0.1, 0.5)),
            "epochs": 40,
            "input_shape": [256, 256, 1],
            "l2_reg": float(rng.uniform(1e-5, 1e-3)),
            "learning_rate": rate,
            "task": "segmentation",
        }
        if not ended:
            last = int(rng.integers(10, 40))
            run |= {"best_epoch": int(rng.integers(0, last)), "epoch": last, "val_dice_coefficient": dice}
            run |= {name: 1 - dice + float(rng.normal(0, 0.01)) for name in ("loss", "val_loss")}
            run |= {name: dice + float(rng.normal(0, 0.01)) for name in ("dice_coefficient", "test_dice")}
        rows.append(run)
    header = ["Name", "State", "Created", "Runtime", "Sweep", *_arranged([*config, *summary], pinned)]
    return to_csv(header, [[run.get(name) for name in header] for run in rows])


def wide_export(runs: int = 60, seed: int = 1, pinned: Sequence[str] = ()) -> str:
    """Return an export with 137 columns: most constant or empty, text parameters, nested keys, one crashed run.

    `pinned` columns come first, as a user may have arranged them.
    """
    rng = np.random.default_rng(seed)
    config: dict[str, Any] = {f"data.setting_{i:02d}": "fixed" for i in range(40)}
    config |= {f"unused.{i:02d}": None for i in range(50)}
    config |= {f"option_{letter}": None for letter in "abcdefghij"}
    config |= {"model.layers": None, "model.width": None, "optimizer.lr": None, "optimizer.name": None}
    config |= {
        "augment": None,
        "channels": None,
        "loss_function": None,
        "mixed": None,
        "seed": None,
        "loss_weight": 0.5,
    }
    summary = [f"train/metric_{i:02d}" for i in range(10)]
    summary += ["epoch", "eval/accuracy", "eval/loss", "test/accuracy", "train/loss", "_step", "_runtime", "_timestamp"]
    summary += ["gradients/layer.weight", "lr-Adam", "graph_0"]
    header = ["Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "ID"]
    header += _arranged([*sorted(config), *sorted(summary)][: 137 - len(header)], pinned)
    rows = []
    for number in range(runs):
        accuracy = float(rng.uniform(0.5, 0.9))
        run: dict[str, Any] = {
            "Name": f"run-{number}",
            "State": "crashed" if number == 7 else "finished",
            "User": "someone",
            "Created": f"2025-01-01T00:{number // 60:02d}:{number % 60:02d}.000Z",
            "Runtime": f"1h {number % 60}m 3s",
            "Sweep": "abcd1234",
            "ID": f"id{number:06d}",
            **config,
            **{f"option_{letter}": f"{letter}{rng.integers(0, 3)}" for letter in "abcdefghij"},
            "model.layers": int(rng.integers(1, 5)),
            "model.width": int(rng.choice([64, 128, 256])),
            "optimizer.lr": float(10 ** rng.uniform(-5, -2)),
            "optimizer.name": str(rng.choice(["adam", "sgd", "None"])),
            "augment": bool(rng.integers(0, 2)),
            "channels": [int(rng.integers(1, 4)), 16],
            "loss_function": "cross_entropy",
            "mixed": "auto" if number % 2 else 16,
            "seed": number,
        }
        if number != 7:
            run |= {name: float(rng.normal()) for name in summary if name != "gradients/layer.weight"}
            run |= {"epoch": 9, "eval/accuracy": accuracy, "test/accuracy": accuracy - 0.01, "_step": 999}
            run |= {"gradients/layer.weight": json.dumps({"_type": "histogram", "bins": [0, 1]})}
            run |= {"train/loss": "NaN" if number == 3 else 1 - accuracy, "eval/loss": 1.1 - accuracy}
        rows.append(run)
    return to_csv(header, [[run.get(name) for name in header] for run in rows])


# Searched and fixed config keys, and metrics, of exports as other training libraries leave them.
SHAPES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "reinforcement learning": (
        {
            **dict.fromkeys(["gae_lambda", "gamma", "learning_rate", "ent_coef"], "float"),
            **dict.fromkeys(["num_envs", "num_steps", "update_epochs"], "levels"),
            **dict.fromkeys(["anneal_lr", "capture_video", "cuda", "norm_adv", "track", "clip_vloss"], True),
            **{"clip_coef": 0.2, "env_id": "Breakout-v5", "exp_name": "ppo", "max_grad_norm": 0.5, "seed": "index"},
            **{"target_kl": None, "total_timesteps": 10_000_000, "vf_coef": 0.5, "batch_size": 1024},
            **{"wandb_entity": "team", "wandb_project_name": "rl", "minibatch_size": 256, "num_updates": 9765},
        },
        [
            *("charts/SPS", "charts/episodic_length", "charts/episodic_return", "charts/learning_rate", "global_step"),
            *("losses/approx_kl", "losses/clipfrac", "losses/entropy", "losses/policy_loss", "losses/value_loss"),
        ],
    ),
    "language model": (
        {
            **dict.fromkeys(["learning_rate", "weight_decay", "warmup_ratio"], "float"),
            **dict.fromkeys(
                ["per_device_train_batch_size", "num_train_epochs", "gradient_accumulation_steps"], "levels"
            ),
            **{"_name_or_path": "bert-base", "adam_beta1": 0.9, "adam_epsilon": 1e-8, "architectures": ["Bert"]},
            **{"eval_steps": 500, "eval_accumulation_steps": None, "evaluation_strategy": "steps", "fp16": True},
            **{"id2label": None, "label_smoothing_factor": 0, "load_best_model_at_end": True, "max_steps": -1},
            **{"max_grad_norm": 1, "metric_for_best_model": "eval_loss", "num_labels": 2, "output_dir": "./out"},
            **{"save_steps": 500, "save_total_limit": 2, "seed": 42, "train_file": "train.json", "vocab_size": 30522},
            **{"task_specific_params.summarization.max_length": 128, "top_k": 50, "top_p": 1, "use_cache": True},
        },
        [
            *("eval/accuracy", "eval/loss", "eval/runtime", "eval/samples_per_second", "eval/steps_per_second"),
            *("train/epoch", "train/global_step", "train/grad_norm", "train/learning_rate", "train/loss"),
            *("train_loss", "train_runtime", "train_samples_per_second", "total_flos"),
        ],
    ),
    "camel case": (
        {"batchSize": "levels", "dropoutRate": "float", "learningRate": "float", "Optimizer": "adam", "numLayers": 3},
        ["bestEpoch", "trainLoss", "valAccuracy", "valLoss", "Epoch"],
    ),
    "one parameter": ({"lr": "float"}, ["accuracy", "epoch", "lr-Adam", "train_loss_epoch", "trainer/global_step"]),
    "trees": (
        {
            **dict.fromkeys(["colsample_bytree", "eta", "reg_alpha", "subsample"], "float"),
            **dict.fromkeys(["max_depth", "min_child_weight", "n_estimators"], "levels"),
            **{"booster": "gbtree", "objective": "binary:logistic", "random_state": 1},
        },
        ["best_iteration", "best_score", "test-auc", "train-auc", "validation_0-logloss"],
    ),
}


def shaped_export(shape: str, runs: int = 30, crashed: int = 0, pinned: Sequence[str] = ()) -> str:
    """Return an export with the columns of one of SHAPES, of which the last `crashed` runs logged nothing."""
    rng = np.random.default_rng(7)
    config, metrics = SHAPES[shape]
    draws = {
        "float": lambda _: float(rng.uniform()),
        "levels": lambda _: int(rng.choice([1, 2, 4])),
        "index": lambda number: number,
    }
    rows = []
    for number in range(runs):
        run = {"Name": f"run-{number}", "State": "failed" if number >= runs - crashed else "finished"}
        run |= {k: draws[v](number) if isinstance(v, str) and v in draws else v for k, v in config.items()}
        if number < runs - crashed:
            run |= {name: float(rng.normal()) for name in metrics}
        rows.append(run)
    names = [*sorted(config, key=str.casefold), *sorted(metrics, key=str.casefold)]
    header = ["Name", "State", *_arranged(names, pinned)]
    return to_csv(header, [[run.get(name) for name in header] for run in rows])


def _arranged(names: Sequence[str], pinned: Sequence[str]) -> list[str]:
    return [*pinned, *(name for name in names if name not in pinned)]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (list, dict)) else value
