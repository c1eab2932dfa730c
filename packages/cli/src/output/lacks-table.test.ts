import { expect, test } from 'vitest';
import { lacksTable } from './lacks-table.ts';

test('each workflow is one short line', () => {
  const nodes = ['Sampler', 'Loader', 'Saver'];
  const long = `video/${'x'.repeat(60)}.safetensors`;
  expect(
    lacksTable([
      { workflow_id: 'flux', lacks: { nodes, models: ['checkpoints/flux.safetensors'] } },
      { workflow_id: 'wan', lacks: { nodes: [], models: [long] } },
    ]),
  ).toEqual([
    'cannot run  missing nodes               missing models',
    'flux        Sampler, Loader and 1 more  flux.safetensors',
    `wan         -                           ${'x'.repeat(39)}…`,
  ]);
});
