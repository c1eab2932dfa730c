// Sends tasks through sequencers, from a separate process, so that the cost of sending is not measured.
import type { Job, Target } from './job.ts';
import { PlainConnection } from './plain-http.ts';

/** How long our miner's long poll lasts. */
const WAIT_SECONDS = 30;
const text = 'x'.repeat(200);

interface Reply {
  task_id: string | null;
  status?: string;
}

/** What one lane or one miner sends, one call after another. */
class Sender {
  readonly #connection: PlainConnection;
  readonly #key: string;

  constructor({ url, key }: Target) {
    this.#connection = new PlainConnection(url);
    this.#key = `authorization: Bearer ${key}\r\n`;
  }

  async #call(name: string, body: object, headers = ''): Promise<Reply> {
    const reply = await this.#connection.post(`/${name}`, headers, JSON.stringify(body));
    if (reply.status !== 200) throw new Error(`${name}: ${reply.status} ${reply.body}`);
    return JSON.parse(reply.body);
  }

  create = () => this.#call('task_create', { task_type: 'echo', task_details: { parameters: { text } } }, this.#key);
  query = (task_id: string | null) => this.#call('task_result_query', { task_id }, this.#key);
  claim = (miner: string, wait_seconds: number) =>
    this.#call('miner_request', { erc20_address: miner, workflow_ids: ['echo'], wait_seconds });
  submit = (miner_id: string, task_id: string | null) =>
    this.#call('miner_submit', { task_id, miner_id, success: true, result: `https://example.com/${text}` });
  close = () => this.#connection.close();
}

/** Seconds for all tasks. */
async function sendWhole({ targets, lanes, tasks }: Job & { kind: 'whole' }): Promise<number[]> {
  let left = tasks;
  const senders = Array.from({ length: lanes }, (_, lane) => new Sender(targets[lane % targets.length]!));
  const start = performance.now();
  await Promise.all(
    senders.map(async (sender, lane) => {
      while (left-- > 0) {
        const own = await sender.create();
        // another lane may have claimed this lane's task: any will do, since there are as many tasks as claims
        const { task_id } = await sender.claim(`miner${lane}`, 10);
        await sender.submit(`miner${lane}`, task_id);
        // another lane finishes this lane's task, now or in a moment
        while ((await sender.query(own.task_id)).status !== 'finished');
      }
    }),
  );
  for (const sender of senders) sender.close();
  return [(performance.now() - start) / 1000];
}

/** Milliseconds for each task. */
async function sendSlowly({ targets, miners, tasks, pauseMs }: Job & { kind: 'dispatch' }): Promise<number[]> {
  const sentAt: number[] = [];
  const times: number[] = [];
  let arrived = Promise.withResolvers<void>();
  const consumers = targets.map((target) => new Sender(target));
  const rigs = Array.from({ length: miners }, (_, index) => new Sender(targets[index % targets.length]!));
  async function mine(rig: Sender, index: number): Promise<void> {
    for (;;) {
      const { task_id } = await rig.claim(`miner${index}`, WAIT_SECONDS);
      if (!task_id) continue;
      times.push(performance.now() - sentAt.at(-1)!);
      arrived.resolve();
      await rig.submit(`miner${index}`, task_id);
    }
  }
  const mining = Promise.allSettled(rigs.map(mine));
  // by then all are waiting
  await new Promise((resolve) => setTimeout(resolve, 4000));
  for (let index = 0; index < tasks; index++) {
    arrived = Promise.withResolvers();
    sentAt.push(performance.now());
    await consumers[index % targets.length]!.create();
    await arrived.promise;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  // ends the long polls
  for (const sender of [...rigs, ...consumers]) sender.close();
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
