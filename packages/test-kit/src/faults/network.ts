import { json, type Outcome } from '../http/reply.ts';
import { cut, type Fault, stall } from './fault.ts';

/** The connection fails. */
export const networkFaults = {
  refused: {
    summary: 'The port is closed: connections are refused, and open ones are cut.',
    calls: [],
    isDown: true,
    happen: () => 'reset',
  },
  reset: {
    summary: 'The connection breaks before the call has any effect.',
    calls: [],
    happen: () => 'reset',
  },
  'reset-after-effect': {
    summary: 'The call has its effect, and the connection breaks before the answer.',
    calls: ['task_create', 'tasks_create'],
    async happen({ proceed }): Promise<Outcome> {
      await proceed();
      return 'reset';
    },
  },
  hang: {
    summary: 'The call has no effect, and no answer ever comes.',
    calls: [],
    happen: () => 'hang',
  },
  'hang-after-effect': {
    summary: 'The call has its effect, and no answer ever comes.',
    calls: ['task_create', 'tasks_create'],
    async happen({ proceed }): Promise<Outcome> {
      await proceed();
      return 'hang';
    },
  },
  slow: {
    summary: 'The call takes `delay` milliseconds longer (5000 by default).',
    calls: [],
    async happen({ clock, call, delay, proceed }) {
      await clock.sleep(delay, call.signal);
      return await proceed();
    },
  },
  'cut-body': {
    summary: 'The connection breaks in the middle of the answer.',
    calls: ['task_create', 'tasks_create', 'task_result_query', 'tasks_query', 'file_create', 'network_status'],
    async happen({ proceed }) {
      const outcome = await proceed();
      return typeof outcome === 'string' ? outcome : cut(outcome);
    },
  },
  'stalled-body': {
    summary: 'The answer stops in the middle, and the connection stays open.',
    calls: ['task_create', 'tasks_create', 'task_result_query', 'tasks_query', 'file_create', 'network_status'],
    async happen({ call, proceed }) {
      const outcome = await proceed();
      return typeof outcome === 'string' ? outcome : stall(outcome, call.signal);
    },
  },
  'redirect-other-origin': {
    summary: 'The call is redirected (307) to another origin over plain HTTP, which must not get the key.',
    calls: ['task_create', 'tasks_create'],
    happen: ({ name, call }) => redirect(307, `http://localhost:${call.url.port}/elsewhere/${name}`),
  },
  'redirect-permanent': {
    summary: 'The call is redirected (308) to another origin over plain HTTP, which must not get the key.',
    calls: ['task_create', 'tasks_create'],
    happen: ({ name, call }) => redirect(308, `http://localhost:${call.url.port}/elsewhere/${name}`),
  },
  'redirect-loop': {
    summary: 'The call is redirected to itself, for ever.',
    calls: ['task_create', 'tasks_create'],
    happen: ({ call }) => redirect(307, call.url.href),
  },
} satisfies Record<string, Fault>;

function redirect(status: number, location: string) {
  return json({}, status, { location });
}
