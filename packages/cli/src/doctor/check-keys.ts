import { HeuristError } from '@heurist/core';
import { createTransport, keyListReplySchema, networkStatusSchema, printableLine } from '@heurist/core/protocol';
import * as z from 'zod/mini';
import { withinLimit } from '../network/within-limit.ts';
import { spell } from '../system/spelling.ts';
import { type Finding, fail, ok, type Settings, skip, warn } from './finding.ts';
import { PATIENCE_MS } from './reach.ts';

type Role = keyof Settings['keys'];

const variables: Record<Role, string> = {
  consumer: 'HEURIST_API_KEY',
  miner: 'HEURIST_MINER_KEY',
  operator: 'HEURIST_OPERATOR_KEY',
};

/** Every key that is set: whether the sequencer takes it, for what it is meant to be; and limits, as far as it may see them. */
export async function checkKeys(settings: Settings): Promise<readonly Finding[]> {
  const roles = (Object.keys(variables) as Role[]).filter((role) => settings.keys[role]);
  if (!settings.sequencer || !roles.length) return [skip('keys', 'no key is set, or no sequencer to try it at')];
  return (await Promise.all(roles.map((role) => checkKey(role, settings)))).flat();
}

async function checkKey(role: Role, { sequencer, keys }: Settings): Promise<readonly Finding[]> {
  const [name, key = ''] = [variables[role], keys[role]];
  if (!/^[!-"$-~]+[#-][!-"$-~]+$/.test(key))
    return [
      fail(
        'keys',
        `${name} has not the form NAME#SECRET`,
        'In a .env file, put it in quotes: # begins a comment there.',
      ),
    ];
  try {
    return await looks[role](createCall(sequencer!, key));
  } catch (error) {
    if (!HeuristError.isInstance(error)) throw error;
    return [fail('keys', `${name}: ${printableLine(error.message, 300)}`, adviceFor(error, role))];
  }
}

function adviceFor({ code }: HeuristError, role: Role): string {
  if (code === 'unauthorized') return 'It is wrong, has expired or was revoked: ask the operator for a new one.';
  if (code === 'forbidden') return `It is a key for something else: this variable needs one of a ${role}.`;
  return 'The key itself may be right: see what is said of the sequencer.';
}

type Call = <T>(name: string, body: object, schema: z.ZodMiniType<T>) => Promise<T>;

function createCall(sequencer: string, key: string): Call {
  const transport = createTransport(sequencer, true, { authorization: `Bearer ${key}` });
  return (name, body, schema) =>
    withinLimit(PATIENCE_MS, (signal) => transport.call(name, body, schema, { signal, retries: 0 }));
}

/** What a key of each role can ask without changing anything. */
const looks: Record<Role, (call: Call) => Promise<readonly Finding[]>> = {
  async consumer(call) {
    const { miners, workflows } = await call('network_status', {}, networkStatusSchema);
    const valid = ok('keys', `${variables.consumer} is valid`);
    const stuck = workflows.filter((workflow) => workflow.waiting > 0 && workflow.miners === 0);
    if (!miners.length)
      return [valid, warn('miners', 'no miner is connected', 'Start one: tasks wait until one is there.')];
    const message = `${miners.length} connected, running ${workflows.filter((each) => each.miners > 0).length} workflows`;
    if (!stuck.length) return [valid, ok('miners', message)];
    const names = stuck.map(({ workflow_id }) => printableLine(workflow_id, 60)).join(', ');
    return [
      valid,
      warn('miners', `${message}; tasks wait for ${names}, which none can run`, `Run ${spell('miner check')}.`),
    ];
  },
  async miner(call) {
    // of no task: what is asked is whether the key may ask
    const answer = call('miner_heartbeat', { lease_id: 'doctor' }, z.looseObject({}));
    await answer.catch((error) => {
      if (!HeuristError.isInstance(error) || !['lease_lost', 'invalid_request', 'not_found'].includes(error.code))
        throw error;
    });
    return [ok('keys', `${variables.miner} is valid`)];
  },
  async operator(call) {
    const { keys, limits } = await call('key_list', {}, keyListReplySchema);
    const own = keys.filter((key) => Object.values(key.limits ?? {}).some(({ from }) => from !== 'network'));
    const roles = Map.groupBy(keys, ({ role }) => printableLine(role, 20));
    const counts = [...roles]
      .map(([role, all]) => `${all.length} ${role}`)
      .toSorted()
      .join(', ');
    return [
      ok('keys', `${variables.operator} is valid; the network has keys for ${counts}`),
      ...(limits
        ? [
            ok(
              'limits',
              `${limits.open_tasks} open tasks and ${limits.tasks_per_minute} submits a minute for each consumer; ${own.length} of ${keys.length} keys have limits of their own`,
            ),
          ]
        : []),
    ];
  },
};
