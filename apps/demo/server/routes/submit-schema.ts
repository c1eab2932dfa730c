import * as z from 'zod/mini';
import { taskId } from './task-id.ts';

const output = z
  .int({ error: 'must be the index of an output, from 0' })
  .check(z.minimum(0, { error: 'must be the index of an output, from 0' }));

const optionValue = z.union(
  [z.string(), z.number(), z.object({ url: z.string() }), z.object({ task_id: taskId, output })],
  { error: 'must be text, a number or a file' },
);

const text = (meaning: string) => z.string({ error: `must be ${meaning}` });
const JOB_ID = 'an id of 8 to 100 letters, digits, `-` or `_`';

/** Body of a submit. */
export const submitSchema = z.object(
  {
    family: text('the name of a workflow package'),
    workflow_id: text('a workflow id'),
    options: z.record(z.string(), optionValue, { error: 'must be an object of options' }),
    job_id: text(JOB_ID).check(z.regex(/^[\w-]{8,100}$/, { error: `must be ${JOB_ID}` })),
  },
  { error: 'must be an object' },
);
