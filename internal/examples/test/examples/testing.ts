import { expect } from 'vitest';
import { runTo } from './program.ts';
import type { Stage } from './stage.ts';

export async function tryTesting(stage: Stage): Promise<void> {
  const app = await stage.install('testing');
  await app.line('npm run typecheck');
  const { code, stdout } = await runTo(app, 'npm test -- --test-reporter=tap');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/# pass 5\n# fail 0/) });
}
