// The globals of React Native, in a context of their own: what it has itself, and what apps add. There is no phone here.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { demand } from '../../programs/use-network.ts';
import { type Cell, type Stage, settings } from '../cell.ts';

/** React Native has its fetch and its AbortController from these. */
const OWN = ['abort-controller@3.0.0', 'whatwg-fetch@3.6.20'];

export const reactNative: readonly Cell[] = [
  {
    where: 'React Native, without polyfills',
    does: '`new Heurist()` throws one error that names everything that is missing',
    async run(stage) {
      const context = await createApp(stage, await ownGlobals(stage));
      const error = runInContext('try { new Heurist(); } catch (error) { error }', context);
      demand(error?.code === 'invalid_configuration', 'the constructor throws', String(error));
      for (const name of ['AbortSignal.timeout', 'URL.canParse', 'crypto.getRandomValues'])
        demand(error.message.includes(name), `the error names ${name}`, error.message);
    },
  },
  {
    where: 'React Native, with polyfills for what the error names, and a fetch like that of Expo',
    does: 'uploads, submits, follows by polling, waits, downloads and cancels',
    async run(stage) {
      const context = await createApp(stage, { ...(await ownGlobals(stage)), ...polyfills() });
      const { HEURIST_WORKFLOW_URL: workflowURL, HEURIST_API_KEY: apiKey } = settings(stage);
      await runInContext(`useNetwork(${JSON.stringify({ workflowURL, apiKey })})`, context);
    },
  },
];

/** What an app has before it adds anything. */
async function ownGlobals(stage: Stage): Promise<object> {
  const load = createRequire(join(await stage.install(OWN), 'package.json'));
  const { AbortController, AbortSignal } = load('abort-controller');
  const { fetch, Headers, Request, Response } = load('whatwg-fetch');
  const { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, console } = globalThis;
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask };
  const { Blob, File, FormData, TextEncoder, atob, btoa } = globalThis;
  const performance = { now: () => globalThis.performance.now() };
  const navigator = { product: 'ReactNative' };
  const process = { env: { NODE_ENV: 'production' } };
  return {
    ...timers,
    ...{ AbortController, AbortSignal, fetch, Headers, Request, Response, Blob, File, FormData },
    ...{ TextEncoder, URL: OwnUrl, atob, btoa, console, performance, navigator, process },
  };
}

/** React Native's own can be made and printed, and has no static methods. */
class OwnUrl {
  readonly href: string;

  constructor(text: string) {
    this.href = text;
  }
}

function polyfills(): object {
  const { AbortController, AbortSignal, URL, URLSearchParams, fetch, Headers, Request, Response } = globalThis;
  const crypto = { getRandomValues: (array: Uint8Array<ArrayBuffer>) => globalThis.crypto.getRandomValues(array) };
  return { AbortController, AbortSignal, URL, URLSearchParams, fetch, Headers, Request, Response, crypto };
}

/** A context in which the script of the app has run. */
async function createApp(stage: Stage, globals: object): Promise<object> {
  const { outputFiles } = await build({
    entryPoints: [join(stage.app, 'react-native.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    conditions: ['react-native', 'import'],
    logLevel: 'error',
  });
  const context = createContext({ ...globals });
  runInContext('var window = globalThis, self = globalThis, global = globalThis;', context);
  runInContext(outputFiles[0]!.text, context);
  return context;
}
