// For tests: what a process has open, and clients that do not read what they ask for.
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';

/** How many files and connections this process has open. */
export function countOpenHandles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // other systems name the kinds only
    return process.getActiveResourcesInfo().length;
  }
}

/** Sends HEAD `times` times over one connection. Resolves with the statuses that came. */
export async function sendHeads(url: string, times: number): Promise<Set<number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses = new Set<number>();
  for (let time = 0; time < times; time++)
    await new Promise<void>((resolve, reject) => {
      const head = request(url, { method: 'HEAD', agent }, (response) => {
        statuses.add(response.statusCode ?? 0);
        response.resume().on('end', resolve);
      });
      head.on('error', reject).end();
    });
  agent.destroy();
  return statuses;
}

/** Sends requests `times` times and breaks the connection, half of them before and half of them after the answer has begun. */
export async function abortReads(url: string, times: number, method = 'GET', body = ''): Promise<void> {
  for (let time = 0; time < times; time++)
    await new Promise<void>((resolve) => {
      const read = request(url, { method, agent: false, headers: { 'content-type': 'application/json' } });
      read.on('response', () => read.destroy());
      read.on('error', () => {});
      read.on('close', resolve);
      read.end(body, () => time % 2 && setTimeout(() => read.destroy(), time % 7));
    });
}
