#!/usr/bin/env python3
"""Embedding speed of the best peers: onnxruntime on our exported network, PyTorch with folded normalisation.

  embed.py --onnx NETWORK.onnx --torch-script BENCH_TORCH.py --net mobilefacenet --batch 32 --emb 256 --threads 2

Prints one line per peer and a last line `embed_img_s=<the faster one's median>`. BENCH_TORCH.py builds PyTorch's
network; its own timings are skipped.
"""
import argparse, contextlib, io, runpy, statistics, sys, time
import numpy, onnxruntime, torch
from torch.fx.experimental.optimization import fuse

p = argparse.ArgumentParser()
p.add_argument("--onnx", required=True); p.add_argument("--torch-script", required=True)
p.add_argument("--net", default="mobilefacenet"); p.add_argument("--batch", type=int, default=32)
p.add_argument("--emb", type=int, default=256); p.add_argument("--threads", type=int, default=2)
p.add_argument("--repeats", type=int, default=5); p.add_argument("--steps", type=int, default=8)
p.add_argument("--bf16", action="store_true")
a = p.parse_args()

def rate(name, f):
    for _ in range(5): f()
    rates = []
    for _ in range(a.repeats):
        t = time.perf_counter()
        for _ in range(a.steps): f()
        rates.append(a.steps * a.batch / (time.perf_counter() - t))
    print(f"{name}: " + " ".join(f"{r:.1f}" for r in rates), flush=True)
    return statistics.median(rates)

def with_onnxruntime():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = a.threads
    session = onnxruntime.InferenceSession(a.onnx, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: numpy.random.rand(a.batch, 3, 112, 112).astype(numpy.float32)}
    return rate(f"onnxruntime {onnxruntime.__version__}", lambda: session.run(None, feed))

def with_torch():
    sys.argv = [a.torch_script, "--net", a.net, "--batch", str(a.batch), "--emb", str(a.emb), "--threads", str(a.threads),
                "--steps", "0", "--repeats", "1"]
    with contextlib.redirect_stdout(io.StringIO()):
        network = runpy.run_path(a.torch_script)["net"]
    network = fuse(network.eval()).to(memory_format=torch.channels_last)
    x = torch.rand(a.batch, 3, 112, 112).to(memory_format=torch.channels_last)
    def run():
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=a.bf16): network(x)
    return rate(f"torch {torch.__version__} folded", run)

rates = [with_torch()]
if not a.bf16:
    rates.append(with_onnxruntime())
print(f"embed_img_s={max(rates):.1f}")
