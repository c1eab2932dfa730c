# ComfyUI for one NVIDIA GPU: `docker build -f deploy/comfyui.Dockerfile -t comfyui deploy`. PyTorch's own packages bring CUDA; the
# host needs the driver and the NVIDIA container toolkit. Models are a volume.
FROM python:3.12-slim
ARG COMFYUI_VERSION=v0.3.64
RUN apt-get update \
 && apt-get install -y --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && git clone --depth 1 --branch "$COMFYUI_VERSION" https://github.com/Comfy-Org/ComfyUI /opt/comfyui \
 && rm -rf /opt/comfyui/.git
WORKDIR /opt/comfyui
RUN pip install --no-cache-dir torch torchvision torchaudio \
 && pip install --no-cache-dir -r requirements.txt
COPY run-comfyui.sh /usr/local/bin/run-comfyui
# the user of the miner's image: it may stop ComfyUI when that is stuck
RUN useradd --uid 1000 node \
 && mkdir -p input output temp user models /run/comfyui \
 && chown -R node:node input output temp user models custom_nodes /run/comfyui
USER node
EXPOSE 8188
HEALTHCHECK --start-period=5m CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8188/prompt', timeout=5)"]
ENTRYPOINT ["sh", "/usr/local/bin/run-comfyui"]
CMD ["python", "main.py", "--listen", "0.0.0.0", "--preview-method", "auto", "--disable-metadata", "--disable-api-nodes"]
