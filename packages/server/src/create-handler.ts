import { PAGE_CALLS } from '@heurist/core/protocol';
import {
  type Authorize,
  defaultLimits,
  type HandlerLimits,
  type HandlerOptions,
  type Permission,
} from './handler-options.ts';
import { LimitedBody, readObject } from './limit-body.ts';
import { OpenStreams } from './open-streams.ts';
import { bodyFor, findRefusal } from './page-call.ts';
import { refusal, refusalOf } from './refusal.ts';
import { connect, type Sequencer } from './sequencer.ts';
import { uploadHere } from './upload-here.ts';

/** Answers a request. Errors of `authorize`, and wrong settings, reject: your framework reports them as any other. */
export type Handler = (request: Request) => Promise<Response>;

/** What a request asks for: the last part of its path. */
type Asked = { call: string } | { upload: string };

/**
 * Creates a handler through which the pages of your app use your network, without seeing your key. Mount it under a path of its own,
 * such as `/api/heurist`, for POST and PUT:
 *
 * - `POST /api/heurist/session_create` makes a session token, with which a page calls the sequencer itself;
 * - `POST /api/heurist/session_revoke` ends the session of the `session_id` in its body, or without one, all sessions of the user;
 * - any other call of a page is passed on with your key, for the user that `authorize` names: the page says
 *   `new Heurist({ apiKey: 'page#none', workflowURL: 'https://app.example.com/api/heurist' })`.
 *
 * ```ts
 * const handler = createHandler({ authorize: () => ({ user_id: 'ada', task_types: ['upscaler'] }) });
 * ```
 *
 * It never throws itself: the first request checks the options, and rejects if they are wrong.
 */
export function createHandler(options: HandlerOptions): Handler {
  const limits = { ...defaultLimits, ...withoutUndefined(options.limits) };
  const streams = new OpenStreams(limits.streams);
  let sequencer: Sequencer | undefined;
  return async (request) => {
    const asked = readPath(request);
    if (asked instanceof Response) return asked;
    sequencer ??= connect(options);
    const permission = await askWho(options.authorize, request);
    if (permission instanceof Response) return permission;
    if ('upload' in asked) return await upload(asked.upload, { request, sequencer, limits });
    if (asked.call === 'session_create') return await createSession(sequencer, permission, request);
    if (asked.call === 'session_revoke') return await revokeSessions(request, permission, sequencer, limits);
    return await passOn(asked.call, { request, permission, sequencer, limits, streams });
  };
}

const tooLarge = () => refusal('payload_too_large', 'The request is larger than this server accepts. Make it smaller.');

const withoutUndefined = (limits: HandlerOptions['limits'] = {}): Partial<HandlerLimits> =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));

/** What a page asks this server, which asks the sequencer in its own name. */
const SESSION_CALLS = ['session_create', 'session_revoke'];

/** What is asked for, or why nothing is. */
function readPath({ method, url, headers }: Request): Asked | Response {
  const { pathname, search } = new URL(url);
  // a page of another site would act with the cookies of its visitor
  if (headers.get('sec-fetch-site') === 'cross-site')
    return refusal('forbidden', 'This address answers pages of its own site only.');
  const [, upload] = /(\/artifacts\/[\w-]+)$/.exec(pathname) ?? [];
  if (upload && method === 'PUT') return { upload: upload + search };
  const call = pathname.split('/').at(-1) ?? '';
  if (method !== 'POST' || !(SESSION_CALLS.includes(call) || PAGE_CALLS.includes(call)))
    return refusal('not_found', `There is no call ${method} ${call.slice(0, 100)} here.`);
  // pages of other sites can send other types without asking, this one only after a preflight, which gets no permission here
  if (!/^application\/json\b/i.test(headers.get('content-type') ?? ''))
    return refusal('invalid_request', 'The content-type must be application/json.');
  return { call };
}

/** @throws what `authorize` throws; TypeError if it names no user, or read the body */
async function askWho(authorize: Authorize, request: Request): Promise<Permission | Response> {
  const answer = await authorize(request);
  if (request.bodyUsed)
    throw new TypeError('`authorize` must not read the body of the request: use its cookies or headers.');
  if (!answer) return refusal('unauthorized', 'Sign in first.');
  if (!(answer instanceof Response) && (typeof answer.user_id !== 'string' || !answer.user_id))
    throw new TypeError(
      '`authorize` must return a `user_id`, a Response, or nothing: else users would see each other.',
    );
  return answer;
}

async function createSession(sequencer: Sequencer, permission: Permission, { signal }: Request): Promise<Response> {
  const { user_id, workflow_ids, task_types, max_tasks, max_files, expires_in } = permission;
  try {
    const asked = { user_id, workflow_ids, task_types, max_tasks, max_files, expires_in };
    const { session_token, session_id, expires_at } = await sequencer.createSession(asked, signal);
    return Response.json({ session_token, session_id, expires_at }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return refusalOf(error);
  }
}

/** Of this user alone, whatever id the page sends. */
async function revokeSessions(
  request: Request,
  { user_id }: Permission,
  sequencer: Sequencer,
  limits: HandlerLimits,
): Promise<Response> {
  const body = await readObject(request, limits.jsonBytes);
  if (body === 'too large') return tooLarge();
  const { session_id } = body ?? {};
  if (!body || (session_id !== undefined && typeof session_id !== 'string'))
    return refusal('invalid_request', 'The body must be a JSON object, and its `session_id` text.');
  try {
    const session_ids = await sequencer.revokeSessions({ session_id, user_id }, request.signal);
    return Response.json({ session_ids });
  } catch (error) {
    return refusalOf(error);
  }
}

async function upload(
  path: string,
  { request, sequencer, limits }: Pick<PageCall, 'request' | 'sequencer' | 'limits'>,
) {
  const body = new LimitedBody(request, limits.fileBytes);
  if (body.isTooLarge) return tooLarge();
  const reply = await sequencer.put(path, body.stream, request);
  return body.isTooLarge ? tooLarge() : reply;
}

interface PageCall {
  request: Request;
  permission: Permission;
  sequencer: Sequencer;
  limits: HandlerLimits;
  streams: OpenStreams;
}

async function passOn(name: string, { request, permission, sequencer, limits, streams }: PageCall): Promise<Response> {
  const body = await readObject(request, limits.jsonBytes);
  if (body === 'too large') return tooLarge();
  if (!body) return refusal('invalid_request', 'The request body is not a JSON object.');
  const refused = findRefusal(name, body, permission);
  if (refused) return refused;
  const send = () => sequencer.call(name, bodyFor(name, body, permission), request);
  if (name === 'file_create') return await uploadHere(await send(), request);
  if (!/^tasks?_events$/.test(name)) return await send();
  return (
    (await streams.open(permission.user_id, send)) ??
    refusal('rate_limited', `You have ${limits.streams} event streams open. End some first.`)
  );
}
