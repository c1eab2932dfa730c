"""Writes models of the right shape with random weights, for a ComfyUI that is to run graphs without a download.

Run it with ComfyUI's own Python, in ComfyUI's folder:

    python random_models.py

It writes models/checkpoints/v1-5-pruned-emaonly-fp16.safetensors (Stable Diffusion 1.5, 2.1 GB) and
models/upscale_models/RealESRGAN_x4plus.pth (one block of the network). Pictures from them are noise.
"""

import os
import sys

sys.path.insert(0, os.getcwd())
sys.argv = [sys.argv[0], "--cpu"]

import torch

import comfy.options

comfy.options.enable_args_parsing()

import comfy.ops
import comfy.sd1_clip
import comfy.supported_models
from comfy.ldm.models.autoencoder import AutoencoderKL
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel
from safetensors.torch import save_file

torch.manual_seed(0)
operations = comfy.ops.manual_cast


def parts():
    """The three networks of a checkpoint, by the prefix of their weights."""
    unet = UNetModel(
        image_size=32, in_channels=4, out_channels=4, model_channels=320, num_res_blocks=[2, 2, 2, 2],
        transformer_depth=[1, 1, 1, 1, 1, 1, 0, 0], transformer_depth_output=[1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
        transformer_depth_middle=1, channel_mult=[1, 2, 4, 4], num_heads=8, use_spatial_transformer=True,
        context_dim=768, use_linear_in_transformer=False, dtype=torch.float16, operations=operations,
    )
    yield "model.diffusion_model.", unet
    ddconfig = {"double_z": True, "z_channels": 4, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
                "ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0}
    yield "first_stage_model.", AutoencoderKL(embed_dim=4, ddconfig=ddconfig)
    yield "cond_stage_model.transformer.", comfy.sd1_clip.SDClipModel(device="cpu", dtype=torch.float16).transformer


weights = {}
for prefix, network in parts():
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            value = (torch.randn(value.shape) * 0.02).to(torch.float16)
        weights[prefix + name] = value.contiguous()
os.makedirs("models/checkpoints", exist_ok=True)
save_file(weights, "models/checkpoints/v1-5-pruned-emaonly-fp16.safetensors")

esrgan = {}


def conv(name, inputs, outputs):
    esrgan[name + ".weight"] = torch.randn(outputs, inputs, 3, 3) * 0.02
    esrgan[name + ".bias"] = torch.zeros(outputs)


conv("conv_first", 3, 64)
for block in range(1, 4):
    for layer in range(1, 6):
        conv(f"body.0.rdb{block}.conv{layer}", 64 + 32 * (layer - 1), 32 if layer < 5 else 64)
for name in ["conv_body", "conv_up1", "conv_up2", "conv_hr"]:
    conv(name, 64, 64)
conv("conv_last", 64, 3)
os.makedirs("models/upscale_models", exist_ok=True)
torch.save({"params_ema": esrgan}, "models/upscale_models/RealESRGAN_x4plus.pth")
