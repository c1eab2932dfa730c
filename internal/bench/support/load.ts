// Sends tasks through sequencers, from a separate process, so that the cost of sending is not measured.
import { Agent, request } from 'node:http';
import type { Job, Target } from './job.ts';

let agent = new Agent({ keepAlive: true });
/** How long our miner's long poll lasts. */
const WAIT_SECONDS = 30;
const text = 'x'.repeat(200);

interface Reply {
  task_id: string | null;
  status?: string;
}

function call(target: Target, name: string, body: object, withKey = false): Promise<Reply> {
  const content = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(content),
    ...(withKey && { authorization: `Bearer ${target.key}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${target.url}/${name}`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const reply = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(reply));
        else reject(new Error(`${name}: ${response.statusCode} ${reply}`));
      });
    });
    sent.on('error', reject);
    sent.end(content);
  });
}

const create = (target: Target) =>
  call(target, 'task_create', { task_type: 'echo', task_details: { parameters: { text } } }, true);
const claim = (target: Target, miner: string, wait_seconds: number) =>
  call(target, 'miner_request', { erc20_address: miner, workflow_ids: ['echo'], wait_seconds });
const submit = (target: Target, miner_id: string, task_id: string | null) =>
  call(target, 'miner_submit', { task_id, miner_id, success: true, result: `https://example.com/${text}` });

/** Seconds for all tasks. */
async function sendWhole({ targets, lanes, tasks }: Job & { kind: 'whole' }): Promise<number[]> {
  // connections of an earlier round may be closing
  agent.destroy();
  agent = new Agent({ keepAlive: true });
  let left = tasks;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const target = targets[lane % targets.length]!;
      while (left-- > 0) {
        const own = await create(target);
        // another lane may have claimed this lane's task: any will do, since there are as many tasks as claims
        const { task_id } = await claim(target, `miner${lane}`, 10);
        await submit(target, `miner${lane}`, task_id);
        // another lane finishes this lane's task, now or in a moment
        while ((await call(target, 'task_result_query', { task_id: own.task_id }, true)).status !== 'finished');
      }
    }),
  );
  return [(performance.now() - start) / 1000];
}

/** Milliseconds for each task. */
async function sendSlowly({ targets, miners, tasks, pauseMs }: Job & { kind: 'dispatch' }): Promise<number[]> {
  const sentAt: number[] = [];
  const times: number[] = [];
  let arrived = Promise.withResolvers<void>();
  async function mine(index: number): Promise<void> {
    const target = targets[index % targets.length]!;
    for (;;) {
      const { task_id } = await claim(target, `miner${index}`, WAIT_SECONDS);
      if (!task_id) continue;
      times.push(performance.now() - sentAt.at(-1)!);
      arrived.resolve();
      await submit(target, `miner${index}`, task_id);
    }
  }
  const mining = Promise.allSettled(Array.from({ length: miners }, (_, index) => mine(index)));
  // by then all are waiting
  await new Promise((resolve) => setTimeout(resolve, 4000));
  for (let index = 0; index < tasks; index++) {
    arrived = Promise.withResolvers();
    sentAt.push(performance.now());
    await create(targets[index % targets.length]!);
    await arrived.promise;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  // ends the long polls
  agent.destroy();
  agent = new Agent({ keepAlive: true });
  await mining;
  return times;
}

process.on('message', (job: Job) => {
  const sending = job.kind === 'whole' ? sendWhole(job) : sendSlowly(job);
  sending.then(
    (figures) => process.send?.({ figures }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
