"""What PyTorch computes of the objectives' heads and losses, as text that the default tests compare with.

  objectives.py DIR

Run it again only when an objective changes. Names of parameters are the learner's. Needs torch alone.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

BATCH, DIM, HIDDEN, OUTPUT, PREDICTOR, QUEUE = 4, 6, 8, 5, 7, 9


class Numbers:
    """The same pseudo-random numbers as in Java, within -1 and 1."""

    def __init__(self, seed):
        self.state = seed

    def take(self, *shape):
        values = []
        for _ in range(torch.Size(shape).numel()):
            self.state = (self.state * 1103515245 + 12345) % 2**31
            values.append(self.state / 2**30 - 1)
        return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


class Layer(nn.Module):
    """Products, batch norm (affine, gain, plain or none), rectifier."""

    def __init__(self, inputs, outputs, norm="affine", relu=False, bias=False):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=bias)
        self.norm = None if norm == "none" else nn.BatchNorm1d(outputs, affine=norm != "plain")
        if norm == "gain":
            self.norm.bias.requires_grad_(False)  # zeros
        self.relu = relu

    def forward(self, x):
        x = self.linear(x)
        x = x if self.norm is None else self.norm(x)
        return x.relu() if self.relu else x

    def named(self, prefix):
        """Trained tensors and running statistics, as the learner names them."""
        yield prefix + ".weight", self.linear.weight
        if self.linear.bias is not None:
            yield prefix + ".bias", self.linear.bias
        if self.norm is not None:
            if self.norm.affine:
                yield prefix + ".gamma", self.norm.weight
                if self.norm.bias.requires_grad:
                    yield prefix + ".beta", self.norm.bias
            yield prefix + ".mean", self.norm.running_mean
            yield prefix + ".variance", self.norm.running_var


def hidden(inputs, outputs):
    return Layer(inputs, outputs, relu=True)


def three(norm):
    return [hidden(DIM, HIDDEN), hidden(HIDDEN, HIDDEN), Layer(HIDDEN, OUTPUT, norm)]


def two(norm):
    return [hidden(DIM, HIDDEN), Layer(HIDDEN, OUTPUT, norm)]


def predictor(norm="none", bias=False):
    return [hidden(OUTPUT, PREDICTOR), Layer(PREDICTOR, OUTPUT, norm, bias=bias)]


HEADS = {
    "byol": lambda: (two("none"), predictor()),
    "simsiam": lambda: (three("plain"), predictor(bias=True)),
    "mocov3": lambda: (three("plain"), predictor("plain")),
    "mocov3-resnet": lambda: (two("plain"), predictor()),
    "mocov3-no-negatives": lambda: (three("plain"), predictor("plain")),
    "simclr": lambda: (two("gain"), []),
    "nnclr": lambda: (three("affine"), predictor(bias=True)),
}


class Head(nn.Module):
    def __init__(self, projector, predictor):
        super().__init__()
        self.projector, self.predictor = nn.Sequential(*projector), nn.Sequential(*predictor)

    def named(self):
        for part, layers in (("projector", self.projector), ("predictor", self.predictor)):
            for i, layer in enumerate(layers):
                yield from layer.named(f"head.{part}{i}")

    def fill(self, numbers):
        with torch.no_grad():
            for name, tensor in sorted(self.named(), key=lambda entry: entry[0]):
                x = numbers.take(*tensor.shape)
                tensor.copy_(1 + 0.3 * x if name.endswith((".gamma", ".variance")) else 0.4 * x)


def cross_entropy(logits):
    return F.cross_entropy(logits, torch.arange(len(logits)))


def distance(q, z):
    return (2 - 2 * F.cosine_similarity(q, z.detach(), dim=-1)).mean()


def byol(q, z, queue):
    return distance(q[0], z[1]) + distance(q[1], z[0])


def simsiam(q, z, queue):
    return -(F.cosine_similarity(q[0], z[1].detach()).mean() + F.cosine_similarity(q[1], z[0].detach()).mean()) / 2


def mocov3(q, z, queue):
    def contrast(q, k):
        return 2 * 0.2 * cross_entropy(F.normalize(q) @ F.normalize(k.detach()).T / 0.2)

    return contrast(q[0], z[1]) + contrast(q[1], z[0])


def simclr(q, z, queue):
    both = F.normalize(torch.cat(q))
    logits = both @ both.T / 0.5
    logits = logits.masked_fill(torch.eye(len(logits), dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(logits)).roll(BATCH))


def nnclr(q, z, queue):
    def contrast(z, q):
        nearest = queue[(F.normalize(z.detach()) @ queue.T).argmax(-1)]
        return cross_entropy(nearest @ F.normalize(q).T / 0.1)

    return (contrast(z[0], q[1]) + contrast(z[1], q[0])) / 2


LOSSES = {
    "byol": byol, "simsiam": simsiam, "mocov3": mocov3, "mocov3-resnet": mocov3, "mocov3-no-negatives": byol,
    "simclr": simclr, "nnclr": nnclr,
}
TEACHERS = {"byol", "mocov3", "mocov3-resnet", "mocov3-no-negatives"}


def fixture(path, name):
    numbers = Numbers(2027)
    student = Head(*HEADS[name]())
    student.fill(numbers)
    features = numbers.take(2 * BATCH, DIM).requires_grad_()
    target_features = numbers.take(2 * BATCH, DIM)
    queue = F.normalize(numbers.take(QUEUE, OUTPUT))
    z = [student.projector(x) for x in features.chunk(2)]
    q = [student.predictor(x) for x in z]
    if name in TEACHERS:
        teacher = Head(*HEADS[name]())
        teacher.fill(numbers)
        z = [teacher.projector(x) for x in target_features.chunk(2)]
    loss = LOSSES[name](q, z, queue)
    loss.backward()
    lines = [("loss", loss), ("dFeatures", features.grad)]
    for key, tensor in student.named():
        lines.append((key, tensor) if key.endswith((".mean", ".variance")) else ("grad." + key, tensor.grad))
    with open(path, "w") as out:
        for key, values in lines:
            out.write(" ".join([key] + ["%.8g" % v for v in values.detach().flatten().tolist()]) + "\n")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in HEADS:
        fixture(folder / f"{name}.txt", name)


main()
