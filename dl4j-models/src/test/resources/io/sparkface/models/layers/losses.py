"""The first 20 losses of LossCurveTest's networks in PyTorch: python losses.py prints them."""
import math, torch, torch.nn as nn, torch.nn.functional as F

torch.set_num_threads(1)

def losses(activations, rate, dtype=torch.float64):
    state = 12345

    def numbers(*shape):
        """Pseudo-random numbers in [-1, 1) that are the same in every language."""
        nonlocal state
        values = []
        for _ in range(math.prod(shape)):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            values.append((state >> 8) / 2.0 ** 22 - 1)
        return torch.tensor(values, dtype=torch.float32).reshape(shape)

    def conv(i, o, k, stride=1, groups=1, pad=None, act=None):
        c = nn.Conv2d(i, o, k, stride, k // 2 if pad is None else pad, groups=groups, bias=False)
        fan = k * k * i // groups
        c.weight.data = (numbers(k, k, i // groups, o) / math.sqrt(fan)).permute(3, 2, 0, 1).contiguous()
        return nn.Sequential(c, nn.BatchNorm2d(o, eps=1e-3), *([act] if act else []))

    first, second, third = activations
    stem = conv(3, 8, 3, 2, act=first)
    dw = conv(8, 8, 3, 1, 8, act=second)
    widen = conv(8, 16, 1)
    unit = conv(16, 16, 3, act=third)
    gdc = conv(16, 16, 8, 1, 16, 0)
    dense = conv(16, 12, 1)
    centres = nn.Parameter(numbers(12, 10).to(dtype))
    parts = nn.ModuleList([stem, dw, widen, unit, gdc, dense]).to(dtype)
    opt = torch.optim.SGD(list(parts.parameters()) + [centres], rate, 0.9)
    result = []
    for step in range(20):
        x = numbers(32, 16, 16, 3).permute(0, 3, 1, 2).to(dtype)
        y = torch.arange(32) * (step + 1) % 10
        h = widen(dw(stem(x)))
        h = h + unit(h)
        e = F.normalize(dense(gdc(h)).flatten(1))
        c = e @ F.normalize(centres, dim=0)
        t = c.gather(1, y[:, None]).clamp(-1 + 1e-7, 1 - 1e-7)
        phi = torch.cos(torch.acos(t) + 0.5)
        phi = torch.where(t > math.cos(math.pi - 0.5), phi, -2 - phi)
        loss = F.cross_entropy(c.scatter(1, y[:, None], phi) * 4, y)
        opt.zero_grad(); loss.backward(); opt.step()
        result.append(loss.item())
    return result

def kinked(): return nn.PReLU(8, 0.25), nn.ReLU6(), nn.ReLU()

for name, activations, rate in (("SMOOTH", (nn.SiLU(),) * 3, 0.05), ("KINKED", kinked(), 0.05), ("KINKED_SLOWLY", kinked(), 0.01)):
    print(name, ", ".join(f"{l:.7f}" for l in losses(activations, rate)))
