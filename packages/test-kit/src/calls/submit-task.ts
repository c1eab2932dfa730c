import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { WorkflowDefinition } from '@heurist/core/definition';
import type { submissionSchema } from '@heurist/core/protocol';
import { loadCore, loadProtocol } from '../core.ts';
import type { IncomingCall } from '../http/reply.ts';
import { TestTask } from '../tasks/test-task.ts';
import { checkJson } from './read-body.ts';
import { Refusal } from './refusal.ts';
import type { Services } from './services.ts';

type Body = ReturnType<(typeof submissionSchema)['parse']>;

/** What a submit is answered. */
interface Created {
  task_id: string;
  warning?: string;
}

/** Longest text of a parameter, and of all together as JSON, in characters. */
const TEXT_CHARACTERS = 32_000;
const PARAMETER_CHARACTERS = 200_000;

export async function submitTask(
  call: IncomingCall,
  services: Services,
  body: Body,
  consumer_id: string,
): Promise<Created> {
  const { task_type } = body;
  const parameters = await readParameters(body.task_details);
  const definition = await pickWorkflow(services, body, parameters);
  checkSize(parameters);
  if (definition) await checkFit(definition, parameters);
  if (body.webhook_url) checkWebhookUrl(body.webhook_url);
  const workflow_id = definition?.workflow_id ?? body.workflow_id ?? task_type;
  const submit = {
    consumer_id,
    job_id: body.job_id ?? undefined,
    task_type,
    workflow_id,
    parameters,
    timeout_seconds: body.timeout_seconds ?? undefined,
    webhook_url: body.webhook_url ?? undefined,
  };
  const known = findJob(services, submit.job_id);
  if (known) {
    if (isSame(known, submit)) return { task_id: known.task_id };
    const message = `job_id ${submit.job_id} was already used for a different task. Use a new one for each task.`;
    throw new Refusal('job_id_conflict', message);
  }
  const plan = await services.plans.take(task_type);
  plan?.refuse?.();
  const { origin } = call.url;
  const task = new TestTask(randomUUID(), submit, services.clock, (file) => services.files.output(file, origin));
  services.tasks.set(task.task_id, task);
  if (submit.timeout_seconds) void giveUp(task, submit.timeout_seconds, services);
  if (plan) plan.begin?.(task);
  else task.finish();
  services.onTask(task);
  const { warning } = task.state;
  return { task_id: task.task_id, ...(warning && { warning }) };
}

/** @throws {Refusal} `invalid_request` */
async function readParameters(details: Body['task_details']): Promise<Record<string, unknown>> {
  const { parametersOf } = await loadProtocol();
  let parameters: unknown;
  try {
    parameters = parametersOf(details);
  } catch {
    throw new Refusal('invalid_request', 'task_details is not valid JSON. Send an object, or the JSON text of one.');
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new Refusal('invalid_request', 'task_details.parameters must be an object, such as {"prompt": "a cat"}.');
  checkJson(parameters);
  return parameters as Record<string, unknown>;
}

/** @throws {Refusal} `invalid_parameters` */
function checkSize(parameters: Record<string, unknown>): void {
  checkTexts(parameters);
  const { length } = JSON.stringify(parameters);
  if (length > PARAMETER_CHARACTERS)
    throw new Refusal(
      'invalid_parameters',
      `The parameters have ${length} characters together, as JSON, and the limit is ${PARAMETER_CHARACTERS}. Shorten them, or upload files instead.`,
    );
}

/** @throws {Refusal} `invalid_parameters`, naming the text that is too long */
function checkTexts(value: unknown, name = ''): void {
  if (typeof value === 'string' && value.length > TEXT_CHARACTERS)
    throw new Refusal(
      'invalid_parameters',
      `\`${name.slice(0, 100)}\` has ${value.length} characters, and the limit is ${TEXT_CHARACTERS}. Shorten it.`,
    );
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) checkTexts(inner, name ? `${name}.${key}` : key);
}

/**
 * The graph that a submit asks for; none if any workflow will do.
 *
 * @throws {Refusal} `unknown_workflow`
 */
async function pickWorkflow(
  { workflows }: Services,
  { task_type, workflow_id }: Body,
  parameters: Record<string, unknown>,
): Promise<WorkflowDefinition | undefined> {
  if (!workflows.length) return undefined;
  const { findDefinition } = await loadProtocol();
  const definition = findDefinition(workflows, task_type, workflow_id, parameters);
  if (definition?.task_type === task_type) return definition;
  const known = workflows.map((workflow) => `${workflow.workflow_id} (${workflow.task_type})`).join(', ');
  const what = workflow_id ? `workflow ${workflow_id} of type ${task_type}` : `workflow of type ${task_type}`;
  throw new Refusal('unknown_workflow', `There is no ${what} here. This network has these workflows: ${known}.`);
}

/** @throws {Refusal} `invalid_parameters` in the words of the schema */
async function checkFit(definition: WorkflowDefinition, parameters: Record<string, unknown>): Promise<void> {
  const { checkParameters, HeuristError } = await loadCore();
  try {
    checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
  } catch (error) {
    throw HeuristError.isInstance(error) ? new Refusal('invalid_parameters', error.message) : error;
  }
}

/**
 * Addresses of this machine are accepted, since tests listen there; a sequencer refuses them.
 *
 * @throws {Refusal} `invalid_request`
 */
function checkWebhookUrl(text: string): void {
  const url = URL.parse(text);
  const invalid = (message: string) => new Refusal('invalid_request', `webhook_url ${message}.`);
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid('must be an http:// or https:// URL, such as https://example.com/hook');
  if (url.username || url.password) throw invalid('must not contain a password: verify the signature instead');
}

function findJob({ tasks }: Services, job_id: string | undefined): TestTask | undefined {
  return job_id ? [...tasks.values()].find(({ submitted }) => submitted.job_id === job_id) : undefined;
}

function isSame({ submitted }: TestTask, { webhook_url: _, ...submit }: TestTask['submitted']): boolean {
  const { webhook_url, ...known } = submitted;
  return isDeepStrictEqual(known, submit);
}

async function giveUp(task: TestTask, seconds: number, { clock }: Services): Promise<void> {
  await clock.sleep(seconds * 1000);
  task.fail({ code: 'task_timeout', message: `The task did not end within ${seconds} seconds.` });
}
