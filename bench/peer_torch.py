#!/usr/bin/env python3
"""PyTorch peer of bench/run for networks whose parts PyTorch itself has; same options and last line as the usual one.

Random input, SGD with momentum, ArcFace of 0.5 at scale 64, GDC head, channels_last, as Throughput does.
"""
import argparse, math, statistics, time
import torch, torch.nn as nn, torch.nn.functional as F

p = argparse.ArgumentParser()
for name, value in (("batch", 32), ("classes", 1000), ("emb", 256), ("threads", 2), ("steps", 8), ("repeats", 5)):
    p.add_argument("--" + name, type=int, default=value)
p.add_argument("--net", required=True)
a = p.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(1)

def conv(i, o, k, s=1, g=1, act=None, pad=None, bias=False):
    layers = [nn.Conv2d(i, o, k, s, k // 2 if pad is None else pad, groups=g, bias=bias), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([act(True)] if act else []))

class Plus(nn.Module):
    def __init__(self, body, short=None, act=False):
        super().__init__(); self.body, self.short, self.act = body, short or nn.Identity(), act
    def forward(self, x):
        y = self.body(x) + self.short(x); return F.relu(y, True) if self.act else y

def mobilenetv2():
    layers, c = [conv(3, 32, 3, 2, act=nn.ReLU6)], 32
    for t, o, n, s in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for j in range(n):
            e, stride = c * t, s if j == 0 else 1
            body = nn.Sequential(*([conv(c, e, 1, act=nn.ReLU6)] if t > 1 else []), conv(e, e, 3, stride, e, nn.ReLU6), conv(e, o, 1))
            layers.append(Plus(body) if stride == 1 and c == o else body); c = o
    return nn.Sequential(*layers, conv(c, 1280, 1, act=nn.ReLU6)), 1280, 4

def resnet50():
    layers, c = [conv(3, 64, 7, 2, act=nn.ReLU, bias=True), nn.MaxPool2d(3, 2, 1)], 64
    for n, w, s in ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2)):
        for j in range(n):
            stride = s if j == 0 else 1
            body = nn.Sequential(conv(c, w, 1, stride, act=nn.ReLU, bias=True), conv(w, w, 3, act=nn.ReLU, bias=True), conv(w, 4 * w, 1, bias=True))
            layers.append(Plus(body, conv(c, 4 * w, 1, stride, bias=True) if j == 0 else None, True)); c = 4 * w
    return nn.Sequential(*layers), 2048, 4

def vgg16():
    layers, c = [], 3
    for n, o in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(n):
            layers += [nn.Conv2d(c, o, 3, 1, 1), nn.ReLU(True)]; c = o
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers), 512, 3

class Grow(nn.Module):
    def __init__(self, c):
        super().__init__(); self.body = nn.Sequential(nn.BatchNorm2d(c), nn.ReLU(True), conv(c, 128, 1, act=nn.ReLU), nn.Conv2d(128, 32, 3, 1, 1, bias=False))
    def forward(self, x): return torch.cat((x, self.body(x)), 1)

def densenet121():
    layers, c = [conv(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)], 64
    for i, n in enumerate((6, 12, 24, 16)):
        for _ in range(n): layers.append(Grow(c)); c += 32
        layers += [nn.BatchNorm2d(c), nn.ReLU()]
        if i < 3: layers += [nn.Conv2d(c, c // 2, 1, bias=False), nn.AvgPool2d(2)]; c //= 2
    return nn.Sequential(*layers), 1024, 3

class Vit(nn.Module):
    def __init__(self, d, depth):
        super().__init__()
        self.patches = nn.Conv2d(3, d, 9, 9); self.places = nn.Parameter(torch.zeros(144, d))
        self.blocks = nn.Sequential(*[nn.TransformerEncoderLayer(d, 8, 4 * d, 0.0, F.relu6, 1e-5, True, True) for _ in range(depth)])
        self.norm, self.feature, self.bn = nn.LayerNorm(d), nn.Linear(144 * d, d, bias=False), nn.BatchNorm1d(d)
    def forward(self, x):
        x = self.blocks(self.patches(x).flatten(2).transpose(1, 2) + self.places)
        return self.bn(self.feature(self.norm(x).flatten(1)))[:, :, None, None]

nets = {"mobilenetv2": mobilenetv2, "resnet50": resnet50, "vgg16": vgg16, "densenet121": densenet121, "vit_t": lambda: (Vit(256, 12), 256, 1)}
backbone, c, size = nets[a.net]()
net = nn.Sequential(backbone, conv(c, c, size, g=c, pad=0), nn.Conv2d(c, a.emb, 1, bias=False), nn.Flatten(), nn.BatchNorm1d(a.emb)).to(memory_format=torch.channels_last)
weight = nn.Parameter(torch.randn(a.classes, a.emb) * 0.01)
opt = torch.optim.SGD(list(net.parameters()) + [weight], 1e-3, 0.9)
x = torch.rand(a.batch, 3, 112, 112).to(memory_format=torch.channels_last); y = torch.arange(a.batch) % a.classes

def step():
    c = (F.normalize(net(x)) @ F.normalize(weight).t()).clamp(-1 + 1e-7, 1 - 1e-7); t = c.gather(1, y[:, None])
    m = t * math.cos(.5) - torch.sqrt(1 - t * t) * math.sin(.5)
    opt.zero_grad(); F.cross_entropy(c.scatter(1, y[:, None], m) * 64, y).backward(); opt.step()

def embed():
    with torch.no_grad(): net(x)

def rate(f):
    f(); f(); rates = []
    for _ in range(a.repeats):
        t = time.perf_counter()
        for _ in range(a.steps): f()
        rates.append(a.steps * a.batch / (time.perf_counter() - t))
    return statistics.median(rates)

print(f"torch {torch.__version__} net={a.net} params={sum(q.numel() for q in net.parameters())} threads={a.threads}")
train = rate(step); net.eval()
print(f"train_img_s={train:.1f} embed_img_s={rate(embed):.1f}")
