"""One training step of DINO in PyTorch, as a peer that is told when to run.

Reads `steps N` lines, answers with the milliseconds of each step; at the end of its input it says
its peak memory. The network is the learner's, number for number; the last block's second half sees
the class token alone, as there.
"""

import argparse
import contextlib
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, dim, heads, last):
        super().__init__()
        self.heads = heads
        self.last = last
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.projection = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp1 = nn.Linear(dim, 4 * dim)
        self.mlp2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        if self.last:
            q, x = q[:, :, :1], x[:, :1]
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, -1, d)
        x = x + self.projection(y)
        return x + self.mlp2(F.gelu(self.mlp1(self.norm2(x))))


class Residual(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Identity()
        if stride > 1 or before != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet18(nn.Sequential):
    """With the stem for small images, and channels last."""

    def __init__(self):
        blocks = []
        before = 64
        for width in (64, 128, 256, 512):
            blocks += [Residual(before, width, 1 if width == 64 else 2), Residual(width, width, 1)]
            before = width
        super().__init__(
            nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
            nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Transformer(nn.Module):
    def __init__(self, o):
        super().__init__()
        patches = (o.image // o.patch) ** 2
        self.patch = nn.Conv2d(3, o.dim, o.patch, o.patch)
        self.cls = nn.Parameter(torch.randn(1, 1, o.dim) * 0.02)
        self.pos = nn.Parameter(torch.randn(1, patches + 1, o.dim) * 0.02)
        self.blocks = nn.ModuleList(Block(o.dim, o.heads, i == o.depth - 1) for i in range(o.depth))
        self.norm = nn.LayerNorm(o.dim, eps=1e-6)

    def forward(self, images):
        x = self.patch(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.pos
        for block in self.blocks:
            x = block(x)
        return self.norm(x)[:, 0]


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        residual = o.network == "resnet18"
        self.features = ResNet18() if residual else Transformer(o)
        if residual:
            self.features.to(memory_format=torch.channels_last)
        self.head = nn.Sequential(
            nn.Linear(512 if residual else o.dim, o.hidden), nn.GELU(), nn.Linear(o.hidden, o.hidden), nn.GELU(),
            nn.Linear(o.hidden, o.bottleneck))
        self.last = nn.Parameter(torch.randn(o.prototypes, o.bottleneck) * 0.02)

    def forward(self, images):
        x = F.normalize(self.head(self.features(images)), dim=-1)
        return F.linear(x, F.normalize(self.last, dim=-1))


class Step:
    def __init__(self, o):
        torch.manual_seed(1)
        self.o = o
        self.student, self.teacher = Network(o), Network(o)
        self.teacher.load_state_dict(self.student.state_dict())
        self.teacher.requires_grad_(False)
        self.parameters = list(self.student.parameters())
        self.optimiser = torch.optim.AdamW(self.parameters, lr=1e-5, weight_decay=0.04, fused=True)
        self.centre = torch.zeros(o.prototypes)
        self.views = torch.randn(2 * o.pairs, 3, o.image, o.image)
        if o.network == "resnet18":
            self.views = self.views.to(memory_format=torch.channels_last)
        if o.task == "embed":
            self.teacher.eval()
        compiled = torch.compile if o.mode == "compiled" else lambda f: f
        self.losses = compiled(self.forward)
        self.features = compiled(self.teacher.features)

    def precision(self):
        if self.o.precision == "bf16":
            return torch.autocast("cpu", torch.bfloat16)
        return contextlib.nullcontext()

    def forward(self):
        with self.precision():
            with torch.no_grad():
                teacher = self.teacher(self.views)
            student = self.student(self.views)
        teacher, student = teacher.float(), student.float()
        targets = F.softmax((teacher - self.centre) / 0.04, dim=-1)
        a, b = targets.chunk(2)
        loss = -(torch.cat([b, a]) * F.log_softmax(student / 0.1, dim=-1)).sum(-1).mean()
        return loss, teacher.mean(0)

    def run(self):
        loss, mean = self.losses()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        gradients = [p.grad for p in self.parameters]
        norms = torch._foreach_norm(gradients)
        factors = [torch.clamp(3.0 / (n + 1e-6), max=1.0) for n in norms]
        torch._foreach_mul_(gradients, factors)
        self.optimiser.step()
        with torch.no_grad():
            self.centre.lerp_(mean, 0.1)
            torch._foreach_lerp_(list(self.teacher.parameters()), self.parameters, 0.004)
        return loss.item()

    def embed(self):
        with torch.inference_mode(), self.precision():
            return self.features(self.views).sum().item()


def add_shape(parser):
    for name in "image patch dim depth heads hidden bottleneck prototypes pairs threads".split():
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--network", choices=["vit", "resnet18"], required=True)


def main():
    parser = argparse.ArgumentParser()
    add_shape(parser)
    parser.add_argument("--precision", choices=["fp32", "bf16"], required=True)
    parser.add_argument("--mode", choices=["eager", "compiled"], required=True)
    parser.add_argument("--task", choices=["train", "embed"], default="train")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    step = Step(o)
    run = step.run if o.task == "train" else step.embed
    for _ in range(3):
        run()
    print("ready PyTorch", torch.__version__, torch.backends.cpu.get_cpu_capability(), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line.split()[1])):
            begin = time.perf_counter()
            run()
            times.append("%.3f" % ((time.perf_counter() - begin) * 1e3))
        print("ms", *times, flush=True)
    print("rss", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
