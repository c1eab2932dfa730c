import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { expect, test } from 'vitest';
import { uploadFiles } from './definition-task.ts';

test('a file that the workflow does not take is refused before the network hears of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'upload-'));
  const path = join(folder, 'photo.png');
  writeFileSync(path, 'abc');
  const definition = { files: { image: { kind: 'image', max_bytes: 2 } } } as unknown as WorkflowDefinition;
  const nobody = new Heurist({ workflowURL: 'http://127.0.0.1:1', apiKey: 'me#key' });
  await expect(uploadFiles(nobody, definition, { image: path })).rejects.toMatchObject({
    code: 'invalid_input',
    message: `--image "${path}" has 3 bytes, more than the 2 that the workflow takes.`,
  });
  rmSync(folder, { recursive: true });
});
