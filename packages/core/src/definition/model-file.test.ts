import { expect, test } from 'vitest';
import { comfyOrg, modelFile } from './model-file.ts';

test('a model file is named by its URL', () => {
  const url = 'https://example.com/a/b/c.safetensors?download=true';
  expect(modelFile('vae', url, 5)).toEqual({ folder: 'vae', filename: 'c.safetensors', url, bytes: 5 });
});

test('repositories of Comfy-Org have the folders of ComfyUI', () => {
  expect(comfyOrg('Wan')('vae/sub/wan.safetensors', 5)).toEqual({
    folder: 'vae',
    filename: 'wan.safetensors',
    url: 'https://huggingface.co/Comfy-Org/Wan/resolve/main/split_files/vae/sub/wan.safetensors',
    bytes: 5,
  });
});
