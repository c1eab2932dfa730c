// Strangers, all in one process: strangers.ts URLS PACE_MS. They get their keys from the parent, begin when told, and say what they got.
import { createRandom } from '@heurist/test-servers/random';
import { strangers } from '../strangers/all.ts';
import { runStrangers } from '../strangers/stranger.ts';
import type { Attack, Key, KeyRequest } from './messages.ts';

const [urls = '', pace = ''] = process.argv.slice(2);
const ending = new AbortController();
const keys = new Map<string, (key: string) => void>();
process.once('disconnect', () => process.exit());
process.on('message', (message: Key | 'end') => {
  if (message === 'end') ending.abort();
  else keys.get(message.owner)?.(message.key);
});

function createKey(role: KeyRequest['role'], owner: string): Promise<string> {
  process.send?.({ role, owner } satisfies KeyRequest);
  return new Promise((resolve) => keys.set(owner, resolve));
}

const options = { random: createRandom(1), signal: ending.signal, paceMs: Number(pace) };
const { answers, failures } = await runStrangers(strangers, { urls: urls.split(' '), createKey }, options);
process.send?.({ answers: [...answers], failures } satisfies Attack);
