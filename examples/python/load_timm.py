"""Loads what `bin/adasim models export FILE` wrote into timm, and prints a feature.

pip install torch timm safetensors; python load_timm.py FILE
"""

import sys

import torch
from safetensors import safe_open
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from timm.models.vision_transformer import VisionTransformer


def load(path):
    with safe_open(path, "pt") as file:
        a = {k.removeprefix("adasim."): v for k, v in file.metadata().items()}
        ours = ("head.", "student.", "optimizer.", "center")  # DINO's head and its training
        weights = {k: file.get_tensor(k) for k in file.keys() if not k.startswith(ours)}
    model = vit(a) if a["kind"] == "vit" else resnet(a)
    model.load_state_dict(weights)
    return model.eval(), int(a["imageSize"])


def vit(a):
    registers = int(a.get("registers", 0))
    return VisionTransformer(
        img_size=int(a["imageSize"]), patch_size=int(a["patchSize"]), embed_dim=int(a["dim"]), depth=int(a["depth"]),
        num_heads=int(a["heads"]), mlp_ratio=int(a["mlpRatio"]), reg_tokens=registers, no_embed_class=registers > 0,
        num_classes=0,
    )


def resnet(a):
    block = BasicBlock if a["block"] == "basic" else Bottleneck
    model = ResNet(block, [int(depth) for depth in a["depths"].split(",")], num_classes=0)
    if a["stem"] == "cifar":
        model.conv1, model.maxpool = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False), torch.nn.Identity()
    return model


if __name__ == "__main__":
    model, side = load(sys.argv[1])
    image = torch.linspace(-2, 2, 3 * side * side).reshape(1, 3, side, side)
    with torch.no_grad():
        print(*model(image)[0].tolist())
