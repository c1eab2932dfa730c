import { once } from 'node:events';
import type { App } from '@heurist/release/app';
import { createTestSequencer } from '@heurist/test-kit';
import { expect } from 'vitest';
import type { Settings, Stage } from './stage.ts';

/** What became of a program. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program of an example to its end.
 *
 * @param onText - called with what it has printed so far, so that it can be sent a signal
 */
export async function runTo(
  app: App,
  line: string,
  onText?: (text: string, send: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const [command = '', ...args] = line.split(' ');
  const child = app.spawn(command, ...args);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      texts[name] += chunk;
      onText?.(texts.stdout + texts.stderr, (signal) => child.kill(signal));
    });
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

/** Bad input: each ends in one sentence, and not in a stack. */
export async function expectSentences(app: App, line: string, { settings }: Stage): Promise<void> {
  const owner = settings.HEURIST_API_KEY.split('#')[0];
  await expectSentence(app, line, { ...settings, HEURIST_API_KEY: `${owner}#wrong` }, /key/i);
  const away = { ...settings, HEURIST_WORKFLOW_URL: 'http://127.0.0.1:1' };
  await expectSentence(app, line, away, /http:\/\/127\.0\.0\.1:1\S* cannot be reached/);
  await expectSentence(app, line, { ...settings, HEURIST_API_KEY: '' }, /HEURIST_API_KEY/);
  app.set(settings);
}

/** What a program says if its tasks are canceled by somebody else. */
export async function expectCanceled(
  app: App,
  line: string,
  { settings }: Stage,
  sentence = /was canceled\./,
): Promise<void> {
  await using sequencer = await createTestSequencer();
  sequencer.on('*').cancel();
  await expectSentence(app, line, sequencer.env, sentence);
  app.set(settings);
}

async function expectSentence(app: App, line: string, settings: Settings, sentence: RegExp): Promise<void> {
  app.set(settings);
  const { code, stderr } = await runTo(app, line);
  expect(code).toBe(1);
  // what is not progress
  const [said = '', ...more] = stderr.split('\n').filter((text) => text && !/^waiting|^\d+ %/.test(text));
  expect([said, ...more]).toEqual([expect.stringMatching(sentence)]);
}

/** Ctrl-C while a task runs: it is canceled on the network, and the program says so. */
export async function expectInterrupted(app: App, line: string, { settings }: Stage): Promise<void> {
  await using sequencer = await createTestSequencer();
  sequencer.on('*').run({ percent: 40 });
  app.set(sequencer.env);
  let isSent = false;
  const { code, stderr } = await runTo(app, line, (text, send) => {
    if (isSent || !text.includes('40 %')) return;
    isSent = true;
    send('SIGINT');
  });
  expect({ code, said: stderr.trim().split('\n').at(-1) }).toEqual({ code: 1, said: 'Canceled.' });
  expect(sequencer.tasks.map(({ status }) => status)).toEqual(['canceled']);
  app.set(settings);
}
