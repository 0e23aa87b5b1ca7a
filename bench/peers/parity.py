"""Trains step.py's network on a folder that bench/run parity wrote: the same weights, views and schedules.

Writes losses.txt, one per step, and features.f32, the teacher's unit features of images.f32.
"""

import argparse
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from step import Network, add_shape

# The learner's names in a file, which are timm's and DINO's, and step.py's.
NAMES = {
    "cls_token": "features.cls",
    "pos_embed": "features.pos",
    "patch_embed.proj": "features.patch",
    "norm1": "norm1",
    "norm2": "norm2",
    "attn.qkv": "qkv",
    "attn.proj": "projection",
    "mlp.fc1": "mlp1",
    "mlp.fc2": "mlp2",
}


def renamed(name):
    if name == "head.last_layer.weight_v":
        return "last"
    if name.startswith("head.mlp."):
        return "head." + name.removeprefix("head.mlp.")
    stem, _, kind = name.rpartition(".")
    if name in NAMES:
        return NAMES[name]
    if stem.startswith("blocks."):
        _, block, part = stem.split(".", 2)
        return f"features.blocks.{block}.{NAMES[part]}.{kind}"
    return f"{NAMES.get(stem, 'features.' + stem)}.{kind}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    add_shape(parser)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)

    state = load_file(o.folder / "weights.safetensors")
    state.pop("head.last_layer.weight_g", None)  # all ones
    student, teacher = Network(o), Network(o)
    for network in (student, teacher):
        network.load_state_dict({renamed(k): v for k, v in state.items()})
    teacher.requires_grad_(False)

    whole, other = [], []  # weight decay is for matrices; the class token and positions count as such in DINO
    for name, parameter in student.named_parameters():
        (whole if parameter.dim() > 1 else other).append(parameter)
    optimiser = torch.optim.AdamW([{"params": whole}, {"params": other, "weight_decay": 0.0}])

    shape = (2, o.pairs, 3, o.image, o.image)
    views = numpy.memmap(o.folder / "views.f32", numpy.float32, "r").reshape(-1, *shape)
    centre = torch.zeros(o.prototypes)
    losses = []
    for line, pair in zip(open(o.folder / "schedules.txt"), views, strict=True):
        rate, decay, momentum, temperature, frozen = map(float, line.split())
        both = torch.from_numpy(pair.copy()).flatten(0, 1)
        with torch.no_grad():
            logits = teacher(both)
            first, second = F.softmax((logits - centre) / temperature, dim=-1).chunk(2)
        loss = -(torch.cat([second, first]) * F.log_softmax(student(both) / 0.1, dim=-1)).sum(-1).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for parameter in student.parameters():
            torch.nn.utils.clip_grad_norm_([parameter], 3.0)
        if frozen:
            student.last.grad = None
        optimiser.param_groups[0]["weight_decay"] = decay
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        with torch.no_grad():
            centre.lerp_(logits.mean(0), 0.1)
            torch._foreach_lerp_(list(teacher.parameters()), list(student.parameters()), 1 - momentum)
        losses.append(loss.item())
    (o.folder / "losses.txt").write_text("".join("%.9g\n" % loss for loss in losses))

    images = numpy.memmap(o.folder / "images.f32", numpy.float32, "r").reshape(-1, *shape[2:])
    with torch.inference_mode(), open(o.folder / "features.f32", "wb") as out:
        for start in range(0, len(images), 500):
            features = F.normalize(teacher.features(torch.from_numpy(images[start:start + 500].copy())), dim=-1)
            out.write(features.numpy().tobytes())


main()
