import type { ObjectInfo } from '@heurist/comfyui';
import { ComfyError } from '@heurist/comfyui';
import { paint } from '@heurist/test-servers/workflows';
import { expect, test } from 'vitest';
import { readVersions, versionsOf } from './versions.ts';

const definition = {
  ...paint,
  requirements: {
    nodes: ['Sampler', 'Blur', 'VHS_Load', 'Extra', 'Odd'],
    models: [
      { folder: 'vae', filename: 'a.pth', url: 'x' },
      { folder: 'vae', filename: 'gone.pth', url: 'x' },
    ],
  },
};
const info = {
  Sampler: { python_module: 'nodes' },
  Blur: { python_module: 'comfy_extras.nodes_blur' },
  Odd: { python_module: 'custom_nodes' },
  VHS_Load: { python_module: 'custom_nodes.vhs' },
  Extra: { python_module: 'custom_nodes.extra.nodes' },
} as unknown as ObjectInfo;
const server = {
  comfyui: '1.2',
  pytorch: '2.9',
  packs: { vhs: '3.4' },
  files: new Map([['vae', [{ name: 'b.pth', size: 10, modified: 86_400 }]]]),
};

test('the versions that matter for a workflow', () => {
  expect(versionsOf(definition, { 'a.pth': 'b.pth' }, info, server)).toEqual({
    comfyui: '1.2',
    pytorch: '2.9',
    nodes: { vhs: '3.4', extra: 'unknown' },
    models: { 'vae/b.pth': { bytes: 10, modified_at: '1970-01-02T00:00:00.000Z' } },
  });
});

test('what is not known is left out', () => {
  expect(versionsOf(paint, {}, info, { comfyui: '1.2', pytorch: undefined, packs: {}, files: new Map() })).toEqual({
    comfyui: '1.2',
  });
});

test('a server is asked for all of it', async () => {
  const comfyui = {
    systemStats: async () => ({ system: { comfyui_version: '1.2', pytorch_version: '2.9' }, devices: [] }),
    nodePackVersions: async () => ({ vhs: '3.4' }),
    modelFiles: async (folder: string) => (folder === 'vae' ? server.files.get('vae')! : []),
  };
  expect(await readVersions(comfyui, ['vae', 'loras'])).toEqual({
    ...server,
    files: new Map([...server.files, ['loras', []]]),
  });
});

test('a server that does not answer is not an error', async () => {
  const fail = () => Promise.reject(new ComfyError('no', { code: 'comfyui_unreachable' }));
  const comfyui = { systemStats: fail, nodePackVersions: fail, modelFiles: fail };
  expect(await readVersions(comfyui, ['vae'])).toEqual({
    comfyui: 'unknown',
    pytorch: undefined,
    packs: {},
    files: new Map([['vae', []]]),
  });
});

test('what a server says of itself is printable and bounded', async () => {
  const hostile = `\u001b]0;x\u0007${'v'.repeat(500)}`;
  const comfyui = {
    systemStats: async () => ({ system: { comfyui_version: hostile, pytorch_version: hostile }, devices: [] }),
    nodePackVersions: async () => ({ vhs: hostile }),
    modelFiles: async () => [{ name: 'a.pth', size: 1, modified: Number.MAX_VALUE }],
  };
  const said = await readVersions(comfyui, ['vae']);
  const version = 'v'.repeat(200);
  expect(said).toMatchObject({ comfyui: version, pytorch: version, packs: { vhs: version } });
  expect(versionsOf(definition, {}, info, said).models).toEqual({ 'vae/a.pth': { bytes: 1, modified_at: 'unknown' } });
});
