import type { WorkflowDefinition } from '@heurist/core/definition';
import type { TestClock } from '../clock.ts';
import type { IncomingCall } from '../http/reply.ts';
import type { FileShelf } from '../tasks/files.ts';
import type { Plans } from '../tasks/plan.ts';
import type { TestTask } from '../tasks/test-task.ts';
import { Refusal } from './refusal.ts';

/** What the calls work with. */
export interface Services {
  apiKey: string;
  /** Empty: any workflow, with any parameters. */
  workflows: readonly WorkflowDefinition[];
  clock: TestClock;
  plans: Plans;
  files: FileShelf;
  tasks: Map<string, TestTask>;
  onTask(task: TestTask): void;
}

/** What signs the webhooks of every test sequencer. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of tests, known to all.').toString('base64')}`;

/** Bodies over this size have their key checked before their fields, as by a sequencer. In bytes. */
const SMALL_BYTES = 20_000;

/** @throws {Refusal} `unauthorized` */
export function checkKeyFirst(call: IncomingCall, services: Services, body: unknown): void {
  if (call.bytes.byteLength <= SMALL_BYTES) return;
  const { api_key, consumer_id } = (body ?? {}) as Record<string, unknown>;
  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
  requireConsumer(call, services, { api_key: textOf(api_key), consumer_id: textOf(consumer_id) });
}

/** @throws {Refusal} `unauthorized` */
export function requireConsumer(
  { headers }: IncomingCall,
  { apiKey }: Services,
  body: { consumer_id?: string | null | undefined; api_key?: string | null | undefined },
): string {
  const [owner, secret] = apiKey.split('#');
  const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
  const [bearerOwner, bearerKey] = token?.includes('#') ? token.split('#') : [undefined, token];
  const claimed = body.consumer_id ?? bearerOwner;
  if (owner && (body.api_key ?? bearerKey) === secret && (!claimed || claimed === owner)) return owner;
  throw new Refusal(
    'unauthorized',
    'The API key is not valid. Check HEURIST_API_KEY, or ask the operator for a new key.',
  );
}
