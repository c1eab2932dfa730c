import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { expectCanceled, expectSentences, runTo } from './program.ts';
import { bytesOf, type Stage } from './stage.ts';

export async function tryOwnWorkflow(stage: Stage): Promise<void> {
  const app = await stage.install('own-workflow');
  await app.line('npx --yes @heurist/cli workflow create glow-export.json --name photo-glow --out again');
  expect(sourcesOf(join(app.folder, 'again/src'))).toEqual(sourcesOf(join(app.folder, 'photo-glow/src')));
  await app.line('npm run build');
  await app.line('npm run typecheck');
  expect(await app.line('npm test')).toMatch(/\bfail 0\b/);
  await app.startNetwork('npx @heurist/dev --workflow ./photo-glow');
  expect((await runTo(app, 'npm start photo.jpg')).stdout).toContain('Saved out/postcard.png\n');
  const postcard = await sharp(bytesOf(app, 'out/postcard.png')).metadata();
  expect(postcard).toMatchObject({ format: 'png', width: 600, height: 400 });
  await expectSentences(app, 'node main.ts', stage);
  await expectCanceled(app, 'node main.ts', stage);
}

/** What is written, but for how it is laid out. */
const sourcesOf = (folder: string) =>
  Object.fromEntries(
    globSync('*', { cwd: folder }).map((name) => [
      name,
      readFileSync(join(folder, name), 'utf8').replaceAll(/\s+|,(?=\s*[}\])])/g, ''),
    ]),
  );
