import { checkParameters, HeuristError } from '@heurist/core';
import { modelKeyOf, type WorkflowDefinition } from '@heurist/core/definition';
import { parametersOf, type submissionSchema, taskCreateSchema } from '@heurist/core/protocol';
import type { Context } from 'hono';
import type * as z from 'zod/mini';
import type { Identity } from '../access/keys/keys.ts';
import { limitsOf } from '../access/limits/caller-limits.ts';
import type { NetworkLimits } from '../access/limits/limits.ts';
import { permits } from '../access/sessions/session-token.ts';
import { checkJson } from '../database/check-json.ts';
import { scopeJobId } from '../tasks/scoped-job-id.ts';
import { traceSubmit } from '../tasks/tracing.ts';
import type { Priority } from '../tasks/turns.ts';
import { requireCaller } from './authenticate.ts';
import { etaOf } from './describe-task.ts';
import { linkBaseOf } from './link-base.ts';
import { pickWorkflow } from './pick-workflow.ts';
import { readRequest } from './read-request.ts';
import type { SequencerServices } from './services.ts';
import { findRefusal, warningFor } from './unservable.ts';

type Request = z.infer<typeof submissionSchema>;

/** Higher goes first. */
const LEVELS = { low: -1, normal: 0, high: 1 } as const satisfies Record<string, Priority>;

/** Who submits, and how the network was reached. */
export interface Submitter {
  consumer: Identity;
  origin: string;
  headers: Headers;
}

/** A submit that has been checked: nothing but a limit or another task with its `job_id` can refuse it now. */
interface Prepared {
  request: Request;
  definition: WorkflowDefinition;
  parameters: Record<string, unknown>;
}

/** What a submit is answered. */
interface Created {
  task_id: string;
  warning?: string;
  eta_seconds?: number;
}

/** `POST /task_create` */
export async function submitTask(c: Context, services: SequencerServices): Promise<Response> {
  const body = await readRequest(c, services, taskCreateSchema);
  const submitter = submitterOf(c, services, await requireCaller(c, services, body));
  return c.json(await recordTask(services, submitter, await prepareTask(services, submitter, body)));
}

export function submitterOf(c: Context, services: SequencerServices, consumer: Identity): Submitter {
  return { consumer, origin: linkBaseOf(c, services), headers: c.req.raw.headers };
}

/**
 * Checks a submit.
 *
 * @throws {HeuristError} `invalid_request`, `invalid_parameters`, `unknown_workflow`, `unservable`, `storage_quota_exceeded`, or `forbidden` for what a
 *   session may not
 */
export async function prepareTask(
  services: SequencerServices,
  { consumer }: Submitter,
  request: Request,
): Promise<Prepared> {
  const workflows = workflowsFor(consumer, services.workflows, request);
  const parameters = readParameters(request.task_details, services.limits);
  const limits = limitsOf(consumer, services.limits);
  const definition = await pickWorkflow(request, parameters, { ...services, workflows });
  checkSize(parameters, limits.own);
  checkParameters(`Workflow ${definition.workflow_id}`, definition.parameters, parameters);
  if (request.webhook_url) services.webhooks.checkUrl(request.webhook_url);
  const refusal =
    (await services.storedFiles.findRefusal(consumer.owner, limits.shared.storedBytes)) ??
    (await findRefusal(services, definition, parameters, request.reject_if_unservable === true));
  // a task that was accepted before and is sent again gets the same answer as before
  if (refusal && !(await services.tasks.hasJob(consumer.owner, scopeJobId(request.job_id, consumer.scope))))
    throw refusal;
  return { request, definition, parameters };
}

/**
 * Records a task. Those that are recorded in one turn of the event loop share a statement, and are in that order.
 *
 * @throws {HeuristError} `job_id_conflict`; `rate_limited` over a limit of the consumer; `forbidden` for a session that is used up
 */
export async function recordTask(
  services: SequencerServices,
  submitter: Submitter,
  prepared: Prepared,
): Promise<Created> {
  const { task, position } = await record(services, submitter, prepared);
  const { task_id, workflow_id } = task;
  const { parameters, request } = prepared;
  const advice = services.adviseTask(workflow_id, parameters);
  const warning =
    (await warningFor(services, { workflow_id, task_type: request.task_type, parameters })) ?? advice?.warning;
  services.logger.info('task created', { task_id, workflow_id, consumer_id: submitter.consumer.owner });
  if (advice) services.logger.warn(advice.summary, { task_id });
  const eta_seconds = await etaOf(services, task, position);
  return { task_id, ...(warning && { warning }), ...(eta_seconds !== undefined && { eta_seconds }) };
}

/**
 * The workflows that a caller may submit.
 *
 * @throws {HeuristError} `forbidden` for what a session may not
 */
function workflowsFor(
  { session }: Identity,
  workflows: readonly WorkflowDefinition[],
  { workflow_id, task_type, webhook_url, priority }: Request,
): readonly WorkflowDefinition[] {
  if (!session) return workflows;
  const refuse = (what: string) => {
    throw new HeuristError(`This session token does not permit ${what}.`, { code: 'forbidden' });
  };
  // else a page could have messages signed in the name of its app, and overtake its other users
  if (webhook_url) refuse('`webhook_url`; submit from the server of your app to get webhooks');
  if (priority === 'high') refuse('`priority` "high": use "normal" or "low"');
  const permitted = workflows.filter((workflow) => permits(session, workflow));
  const isAsked = (workflow: WorkflowDefinition) =>
    workflow_id ? workflow.workflow_id === workflow_id : workflow.task_type === task_type;
  if (!permitted.some(isAsked)) refuse(workflow_id ? `workflow ${workflow_id}` : `tasks of type ${task_type}`);
  return permitted;
}

/** @throws {HeuristError} `invalid_request` */
function readParameters(details: string | Record<string, unknown>, limits: NetworkLimits): Record<string, unknown> {
  let parameters: unknown;
  try {
    parameters = parametersOf(details);
  } catch {
    throw new HeuristError('task_details is not valid JSON. Send an object, or the JSON text of one.', {
      code: 'invalid_request',
    });
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new HeuristError('task_details.parameters must be an object, such as {"prompt": "a cat"}.', {
      code: 'invalid_request',
    });
  // task_details that came as text were not checked with the body
  checkJson(parameters, limits.jsonLevels);
  return parameters as Record<string, unknown>;
}

/** @throws {HeuristError} `invalid_parameters` */
function checkSize(parameters: Record<string, unknown>, { textCharacters, parameterCharacters }: NetworkLimits): void {
  checkTexts(parameters, textCharacters);
  const { length } = JSON.stringify(parameters);
  if (length > parameterCharacters)
    throw new HeuristError(
      `The parameters have ${length} characters together, as JSON, and the limit is ${parameterCharacters}. Shorten them, or upload files instead.`,
      { code: 'invalid_parameters' },
    );
}

/** @throws {HeuristError} `invalid_parameters`, naming the text that is too long */
function checkTexts(value: unknown, longest: number, name = ''): void {
  if (typeof value === 'string' && value.length > longest)
    throw new HeuristError(
      `\`${name.slice(0, 100)}\` has ${value.length} characters, and the limit is ${longest}. Shorten it.`,
      {
        code: 'invalid_parameters',
      },
    );
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) checkTexts(inner, longest, name ? `${name}.${key}` : key);
}

async function record(
  services: SequencerServices,
  { consumer, origin, headers }: Submitter,
  { request, definition, parameters }: Prepared,
) {
  const { workflow_id } = definition;
  const { job_id, task_type, timeout_seconds, priority, webhook_url } = request;
  const { owner, key_id, scope, session } = consumer;
  const { shared, own } = limitsOf(consumer, services.limits);
  return await traceSubmit(headers, workflow_id, (traceparent) =>
    services.tasks.submit({
      consumer_id: owner,
      job_id: scopeJobId(job_id, scope),
      scope,
      session_id: session?.session_id,
      task_type,
      workflow_id,
      isPicked: !request.workflow_id,
      task_details: { parameters },
      model_key: modelKeyOf(definition, parameters),
      timeout_seconds: timeout_seconds ?? undefined,
      priority: LEVELS[priority ?? 'normal'],
      key_id,
      quota: shared,
      keyQuota: own === shared ? undefined : own,
      traceparent,
      webhook: webhook_url ? { url: webhook_url, origin } : undefined,
    }),
  );
}
