import { type Heurist, HeuristError, type Session, type SessionOptions } from '@heurist/core';
import { families } from '../catalogue.ts';

/** Every workflow of the page, whatever its graph. */
const task_types = [...new Set(families.flatMap(({ definitions }) => definitions.map(({ task_type }) => task_type)))];

/** A working day, what networks allow unless told otherwise, and what they give by themselves. */
const WISHES: readonly Partial<SessionOptions>[] = [
  { expires_in: 43_200, max_tasks: 1000, max_files: 4000 },
  { expires_in: 3600, max_tasks: 100, max_files: 400 },
  {},
];

/**
 * Makes a session of the network for a visitor, as long as the key allows. It sees every task of this visitor, also those of sessions
 * before.
 *
 * @param heurist - with a consumer's key
 */
export async function openSession(heurist: Heurist, user_id: string, wishes = WISHES): Promise<Session> {
  const [wish, ...smaller] = wishes;
  const asked = { ...wish, task_types, user_id, sees_user: true };
  return await heurist.workflow.createSession(asked).catch((error) => {
    const isTooMuch = HeuristError.isInstance(error) && error.code === 'invalid_request';
    if (isTooMuch && smaller.length) return openSession(heurist, user_id, smaller);
    throw error;
  });
}
