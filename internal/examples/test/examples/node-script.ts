import sharp from 'sharp';
import { expect } from 'vitest';
import { expectCanceled, expectInterrupted, expectSentences, runTo } from './program.ts';
import { bytesOf, type Stage } from './stage.ts';

export async function tryNodeScript(stage: Stage): Promise<void> {
  const app = await stage.install('node-script');
  await app.line('npm run typecheck');
  app.set(stage.settings);
  const { code, stdout, stderr } = await runTo(app, 'npm start a green apple');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Saved out/picture.png\n') });
  expect(stderr).toMatch(/\d+ % \w+/);
  // 128 pixels, enlarged four times
  expect(await sharp(bytesOf(app, 'out/picture.png')).metadata()).toMatchObject({ format: 'png', width: 512 });
  await expectSentences(app, 'node main.ts', stage);
  await expectCanceled(app, 'node main.ts', stage);
  await expectInterrupted(app, 'node main.ts', stage);
}
