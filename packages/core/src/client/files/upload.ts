import { isFileContent } from '../../task/file-content.ts';
import { HeuristError } from '../../wire/errors.ts';
import type { CallOptions, Credentials } from '../../wire/transport.ts';
import { untilAborted } from '../../wire/until-aborted.ts';
import type { Budget } from '../budget.ts';
import { hashOf } from './content-hash.ts';
import { type FileSource, openFile } from './file-source.ts';

/** What `file_create` answers. */
interface Slot {
  url: string;
  upload_url: string;
  upload_headers?: Record<string, string> | undefined;
  /** Whether the sequencer has this content already. Missing if it does not compare. */
  is_stored?: boolean | undefined;
}

/** What a file is for: the parameter of a task. One that it does not take is refused before it is sent. */
export interface FileUse {
  task_type: string;
  workflow_id: string | undefined;
  parameter: string;
}

/** The calls of an upload. */
export interface UploadCalls {
  call(name: 'file_create', body: object, options: CallOptions): Promise<Slot>;
  put(url: string, body: Blob, options: CallOptions): Promise<void>;
}

/** An upload that others may share: of the same content, by the same consumer. */
interface Shared {
  url: Promise<string>;
  stop: AbortController;
  waiting: Set<Budget>;
  isOver: boolean;
}

/** How long the URL of a file is used again with a sequencer that does not compare contents, in milliseconds. */
const REMEMBER_MS = 600_000;

/** Uploads of each client: those that go on, and those that only the client remembers. */
const clients = new WeakMap<UploadCalls, Map<string, Shared>>();

/**
 * Uploads a file, once for each content and consumer.
 *
 * @returns its URL
 * @throws {HeuristError} `invalid_input` for what is no file that the network reads, or the budget's
 */
export async function uploadOnce(
  calls: UploadCalls,
  credentials: Credentials,
  source: FileSource,
  budget: Budget,
  use?: FileUse,
): Promise<string> {
  const work = async () => {
    const file = await openFile(source, budget.signal);
    const sha256 = await hashOf(file);
    budget.signal.throwIfAborted();
    return await join(shareOf(calls, credentials, file, { sha256, ...use }), budget);
  };
  return await untilAborted(work(), budget.signal);
}

function shareOf(
  calls: UploadCalls,
  credentials: Credentials,
  file: Blob,
  about: Partial<FileUse> & { sha256: string | undefined },
): Shared {
  const shares = clients.get(calls) ?? new Map<string, Shared>();
  clients.set(calls, shares);
  const content = about.sha256 && JSON.stringify([credentials, about.sha256]);
  // another parameter may take less
  const key = content && content + JSON.stringify(about);
  const known = key && (shares.get(content) ?? shares.get(key));
  if (known) return known;
  const before = key && [...shares].findLast(([other]) => other.startsWith(content))?.[1].url;
  const stop = new AbortController();
  const waiting = new Set<Budget>();
  const forget = () => {
    for (const [name, share] of shares) if (share === shared) shares.delete(name);
  };
  const send = async (): Promise<string> => {
    // once it is there for the other parameter, it need not be sent for this one
    if (before) await before.catch(() => {});
    const remembered = content && shares.get(content);
    if (remembered) return await remembered.url;
    // a submit has not begun: what fails here creates no task
    const watch = (failure?: HeuristError) => {
      for (const budget of waiting) budget.failure = failure ?? budget.failure;
    };
    const options = { signal: stop.signal, retries: Number.POSITIVE_INFINITY, watch };
    const body = { ...credentials, content_type: file.type, bytes: file.size, ...about };
    const slot = await calls.call('file_create', body, { ...options, credentials });
    if (!slot.is_stored) await calls.put(slot.upload_url, file, { ...options, headers: slot.upload_headers });
    if (slot.is_stored !== undefined) forget();
    else if (content) {
      shares.set(content, shared);
      unref(setTimeout(forget, REMEMBER_MS));
    }
    return slot.url;
  };
  const shared: Shared = { url: send(), stop, waiting, isOver: false };
  const end = () => {
    shared.isOver = true;
  };
  shared.url.then(end, end);
  shared.url.catch(forget);
  stop.signal.addEventListener('abort', forget);
  if (key) shares.set(key, shared);
  return shared;
}

/** The upload goes on as long as somebody waits for it. */
async function join(shared: Shared, budget: Budget): Promise<string> {
  const { url, stop, waiting } = shared;
  waiting.add(budget);
  try {
    return await untilAborted(url, budget.signal);
  } catch (error) {
    if (!HeuristError.isInstance(error) || budget.signal.aborted) throw error;
    // each caller's error names its own job
    const { message, code, isRetryable, status, cause } = error;
    throw new HeuristError(message, { code, isRetryable, status, cause });
  } finally {
    waiting.delete(budget);
    if (!waiting.size && !shared.isOver) stop.abort();
  }
}

/** A timer that keeps no process alive; in browsers it is a number. */
function unref(timer: unknown): void {
  (timer as { unref?(): void }).unref?.();
}

/** The details of a task with URLs in place of its files, which are uploaded: those of its parameters, and of lists there. */
export async function withUrls<Details extends object>(
  calls: UploadCalls,
  credentials: Credentials,
  details: Details,
  budget: Budget,
  { task_type, workflow_id }: Omit<FileUse, 'parameter'>,
): Promise<Details> {
  const { parameters } = details as { parameters?: Record<string, unknown> };
  if (
    !Object.values(parameters ?? {})
      .flat()
      .some(isFileContent)
  )
    return details;
  const addressed = async (value: unknown, parameter: string): Promise<unknown> => {
    if (Array.isArray(value)) return await Promise.all(value.map((one) => addressed(one, parameter)));
    return isFileContent(value)
      ? await uploadOnce(calls, credentials, value, budget, { task_type, workflow_id, parameter })
      : value;
  };
  const entries = Object.entries(parameters ?? {}).map(async ([name, value]) => [name, await addressed(value, name)]);
  return { ...details, parameters: Object.fromEntries(await Promise.all(entries)) };
}
