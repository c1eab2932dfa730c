/** What an end user of your app may do. */
export interface Permission {
  /** Your id of the end user: 1 to 200 characters. Users see only their own tasks, by this id. */
  user_id: string;
  /** Workflows that the user may submit. This list or `task_types` must have an entry. */
  workflow_ids?: readonly string[] | undefined;
  /** Types of tasks that the user may submit, whatever their workflow. */
  task_types?: readonly string[] | undefined;
  /** Tasks that a session of the user may submit. Default 10. */
  max_tasks?: number | undefined;
  /** Files that a session of the user may upload. Default: four for each task. */
  max_files?: number | undefined;
  /** Seconds that a session of the user lasts. Default 900. */
  expires_in?: number | undefined;
}

/**
 * Decides who is asking: look at the cookies or headers of the request as the rest of your app does.
 *
 * @returns what the user may do; a `Response` to answer with instead; or nothing, which answers 401
 */
export type Authorize = (
  request: Request,
) => Permission | Response | null | undefined | Promise<Permission | Response | null | undefined>;

/** What one request, and one user, may cost this server. */
export interface HandlerLimits {
  /** Bytes of a JSON body. Default 1 MB. */
  jsonBytes: number;
  /** Bytes of an uploaded file. Default 50 MB. */
  fileBytes: number;
  /** Event streams of one user that are open at the same time, in this process. Default 16. */
  streams: number;
}

/** Options of a handler. Those left out are read from the environment when the first request comes. */
export interface HandlerOptions {
  /** Decides what the user of a request may do. It has no default: without it, anyone could use your key. */
  authorize: Authorize;
  /** `consumerId#apiKey`. It never leaves the server. Default: `HEURIST_API_KEY`. */
  apiKey?: string | undefined;
  /** Address of the sequencer. Default: `HEURIST_WORKFLOW_URL`. */
  workflowURL?: string | undefined;
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
  /** Default: see `HandlerLimits`. */
  limits?: { [Name in keyof HandlerLimits]?: HandlerLimits[Name] | undefined } | undefined;
}

export const defaultLimits: HandlerLimits = { jsonBytes: 1_000_000, fileBytes: 50_000_000, streams: 16 };
