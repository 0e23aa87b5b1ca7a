"""What PyTorch computes with weights that Java has too.

  weights.py fixtures DIR   small networks, their features and gradients as text: what the default
                            tests compare with; run again only when a network changes
  weights.py models DIR     timm's own networks as safetensors, with features of some images

Needs torch, timm and safetensors; see README.md here.
"""

import math
import sys
from pathlib import Path

import timm
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from timm.models.vision_transformer import VisionTransformer


class Numbers:
    """The same pseudo-random numbers as in Java, within -1 and 1."""

    def __init__(self, seed):
        self.state = seed

    def take(self, *shape):
        values = []
        for _ in range(math.prod(shape)):
            self.state = (self.state * 1103515245 + 12345) % 2**31
            values.append(self.state / 2**30 - 1)
        return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


def fill(state, numbers):
    """Fills a network in the order of its tensors' names."""
    for name in sorted(state):
        tensor = state[name]
        if tensor.dtype != torch.float32:
            continue
        x = numbers.take(*tensor.shape)
        one = name.endswith("running_var") or (tensor.dim() == 1 and name.endswith("weight"))
        tensor.copy_(1 + 0.3 * x if one else 0.4 * x)


class Head(torch.nn.Module):
    """DINO's: three layers, unit length, unit prototypes."""

    def __init__(self, dim, hidden, bottleneck, prototypes):
        super().__init__()
        linear, gelu = torch.nn.Linear, torch.nn.GELU
        self.mlp = torch.nn.Sequential(
            linear(dim, hidden), gelu(), linear(hidden, hidden), gelu(), linear(hidden, bottleneck)
        )
        self.weight_v = torch.nn.Parameter(torch.zeros(prototypes, bottleneck))

    def forward(self, x):
        return F.normalize(self.mlp(x), dim=-1) @ F.normalize(self.weight_v, dim=-1).T


def fixture(path, backbone, side):
    """Features, loss, gradients; then running statistics and the features that they give."""
    backbone.train()
    head = Head(backbone.num_features, 16, 8, 12)
    names = {f"head.{k}".replace("weight_v", "last_layer.weight_v"): v for k, v in head.named_parameters()}
    names |= dict(backbone.named_parameters())
    numbers = Numbers(2026)
    with torch.no_grad():
        fill({k: v.data for k, v in names.items()} | dict(backbone.named_buffers()), numbers)
    images = numbers.take(3, 3, side, side)
    targets = torch.softmax(4 * numbers.take(3, 12), -1)
    features = backbone(images)
    loss = -(targets * torch.log_softmax(head(features) / 0.1, -1)).sum(-1).mean()
    loss.backward()
    lines = [("loss", loss), ("features", features)]
    lines += [(f"grad.{name}", names[name].grad) for name in sorted(names)]
    backbone.eval()
    buffers = {k: v for k, v in sorted(backbone.named_buffers()) if v.dtype == torch.float32}
    lines += list(buffers.items()) + [("embedding", backbone(images))]
    with open(path, "w") as out:
        for name, values in lines:
            out.write(" ".join([name] + ["%.8g" % v for v in values.detach().flatten().tolist()]) + "\n")


def small_vit(registers):
    return VisionTransformer(
        img_size=8, patch_size=4, embed_dim=8, depth=2, num_heads=2, num_classes=0,
        reg_tokens=registers, no_embed_class=registers > 0,
    )


def conv(inputs, outputs, kernel, stride=1):
    return torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


def cifar_stem(net, width):
    net.conv1 = conv(3, width, 3)
    net.maxpool = torch.nn.Identity()


def small_resnet(block, width, cifar):
    net = ResNet(block, [1, 1], channels=(width, 2 * width), num_classes=0)
    net.conv1 = conv(3, width, 7, 2)
    net.bn1 = torch.nn.BatchNorm2d(width)
    net.layer3 = net.layer4 = torch.nn.Identity()
    first = net.layer1[0]  # timm's stems are 64 wide whatever follows
    if block is BasicBlock:
        first.conv1, first.downsample = conv(width, width, 3), None
    else:
        first.conv1, first.downsample[0] = conv(width, width, 1), conv(width, 4 * width, 1)
    if cifar:
        cifar_stem(net, width)
    return net


def fixtures(folder):
    fixture(folder / "vit.txt", small_vit(0), 8)
    fixture(folder / "vit-registers.txt", small_vit(2), 8)
    fixture(folder / "resnet-imagenet.txt", small_resnet(BasicBlock, 4, False), 16)
    fixture(folder / "resnet-cifar.txt", small_resnet(Bottleneck, 3, True), 8)
    with open(folder / "bicubic.txt", "w") as out:
        for source, target in ((3, 5), (4, 4), (7, 3), (14, 6)):
            grid = Numbers(7).take(source * source, 2)
            resized = interpolate(grid, source, target)
            out.write(" ".join([f"{source}-{target}"] + ["%.8g" % v for v in resized.flatten().tolist()]) + "\n")


def interpolate(grid, source, target):
    """As DINO does, its 0.1 included; grid (source^2, D)."""
    scale = (target + 0.1) / math.sqrt(source * source)
    grid = grid.reshape(1, source, source, -1).permute(0, 3, 1, 2)
    resized = F.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    return resized.permute(0, 2, 3, 1).reshape(target * target, -1)


def models(folder):
    def vit(size, patch, dim, depth, heads, **kwargs):
        return VisionTransformer(
            img_size=size, patch_size=patch, embed_dim=dim, depth=depth, num_heads=heads, num_classes=0, **kwargs
        )

    micro = vit(32, 8, 96, 4, 3)
    model(folder / "micro", micro, 32, vit_shape(micro, 32))
    registers = vit(32, 8, 96, 4, 3, reg_tokens=4, no_embed_class=True)
    model(folder / "registers", registers, 32, vit_shape(registers, 32))
    embedded = vit(32, 8, 96, 4, 3, reg_tokens=4)
    model(folder / "registers-embedded", embedded, 32, vit_shape(embedded, 32))
    # DINO's ViT-Ti/16, pretrained at 224 px and used at 96 and at 256: its weights as they are.
    tiny = vit(224, 16, 192, 12, 3)
    randomise(tiny)
    for size in (96, 256):
        other = vit(size, 16, 192, 12, 3)
        state = tiny.state_dict()
        pos = state["pos_embed"]
        patches = interpolate(pos[0, 1:], 14, size // 16)
        other.load_state_dict(state | {"pos_embed": torch.cat([pos[:, :1], patches[None]], 1)})
        other.eval()
        features(folder / f"tiny-{size}-features", other, size, vit_shape(other, size))
        save_file(state, folder / f"tiny-{size}.safetensors")
    full = timm.create_model("resnet18", num_classes=1000)  # with torchvision's classifier
    model(folder / "resnet18-imagenet", full, 64, resnet_shape("imagenet", "basic", "2,2,2,2", 64))
    small = timm.create_model("resnet18", num_classes=0)
    cifar_stem(small, 64)
    model(folder / "resnet18-cifar", small, 32, resnet_shape("cifar", "basic", "2,2,2,2", 32))
    deep = timm.create_model("resnet50", num_classes=0)
    model(folder / "resnet50", deep, 64, resnet_shape("imagenet", "bottleneck", "3,4,6,3", 64))


def vit_shape(net, size):
    return {
        "kind": "vit", "imageSize": size, "patchSize": net.patch_embed.patch_size[0], "dim": net.embed_dim,
        "depth": len(net.blocks), "heads": net.blocks[0].attn.num_heads, "mlpRatio": 4,
    } | ({"registers": net.num_reg_tokens} if net.num_reg_tokens else {})


def resnet_shape(stem, block, depths, size):
    return {"kind": "resnet", "imageSize": size, "stem": stem, "block": block, "depths": depths, "width": 64}


def randomise(net):
    """Weights away from their start, and running statistics that are not the identity."""
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    net.train()
    for _ in range(3):
        size = net.patch_embed.img_size[0] if hasattr(net, "patch_embed") else 64
        net(torch.randn(4, 3, size, size))
    net.eval()


def model(path, net, size, shape):
    randomise(net)
    save_file(net.state_dict(), path.with_suffix(".safetensors"))
    features(path.with_name(path.name + "-features"), net, size, shape)


def features(path, net, size, shape):
    images = torch.randn(5, 3, size, size)
    with torch.no_grad():
        x = net.forward_head(net.forward_features(images), pre_logits=True)
    tensors = {"images": images, "features": x.contiguous()}
    save_file(tensors, path.with_suffix(".safetensors"), {k: str(v) for k, v in shape.items()})


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    {"fixtures": fixtures, "models": models}[sys.argv[1]](folder)
