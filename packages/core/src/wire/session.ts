import * as z from 'zod/mini';
import { string } from './reply-fields.ts';

/** What a web page may do with a session. */
export interface SessionOptions {
  /** Workflows that the page may submit, such as `upscaler`. This list or `task_types` must have an entry. */
  workflow_ids?: readonly string[] | undefined;
  /** Types of tasks that the page may submit, whatever their workflow. */
  task_types?: readonly string[] | undefined;
  /** Tasks that it may submit in all. Default 10. */
  max_tasks?: number | undefined;
  /** Files that it may upload in all. Default: four for each task. */
  max_files?: number | undefined;
  /** Seconds until the session ends. Default 900; networks allow an hour, unless their operator says otherwise. */
  expires_in?: number | undefined;
  /** Your id of the end user. The network limits the open sessions of each. */
  user_id?: string | undefined;
  /**
   * Whether it sees every task of `user_id`: those of the user's other sessions of this kind, and those that your server submits in the
   * user's name. Default `false`: only its own.
   */
  sees_user?: boolean | undefined;
}

/** A session for a web page: a short, narrow permission that takes the place of a key there. */
export interface Session {
  /** Pass it to the page, which uses it as `apiKey`: `new Heurist({ apiKey: session_token, workflowURL })`. */
  session_token: string;
  session_id: string;
  /** When it ends, in ISO 8601. */
  expires_at: string;
}

/** Which sessions to end: one, all of an end user, or with both, that one if it is of this user. */
export interface SessionChoice {
  session_id?: string | undefined;
  user_id?: string | undefined;
}

/** Reply to `session_create`. */
export const sessionSchema = z.looseObject({
  session_token: string(),
  session_id: string(),
  expires_at: string(),
});

/** Reply to `session_revoke`. */
export const revokedSessionsSchema = z.looseObject({ session_ids: z.array(string()) });
