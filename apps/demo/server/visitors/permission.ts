import { type Heurist, HeuristError, type Session } from '@heurist/core';
import { families } from '../catalogue.ts';

/** Every workflow of the page, whatever its graph. */
const task_types = [...new Set(families.flatMap(({ definitions }) => definitions.map(({ task_type }) => task_type)))];

/** A working day, what networks allow unless told otherwise, and what the network gives by itself. */
const WISHES = [{ expires_in: 43_200, max_tasks: 1000, max_files: 4000 }, { expires_in: 3600, max_tasks: 100, max_files: 400 }, {}];

/**
 * Makes a session of the network for a visitor, as long as the key allows. It sees every task of this visitor, also those of sessions
 * before.
 *
 * @param heurist - with a consumer's key
 */
export async function openSession({ workflow }: Heurist, user_id: string): Promise<Session> {
  for (const wish of WISHES) {
    const asked = { ...wish, task_types, user_id, sees_user: true };
    // more than this key allows: ask for less
    const session = await workflow.createSession(asked).catch((error) => {
      if (HeuristError.isInstance(error) && error.code === 'invalid_request' && wish !== WISHES.at(-1)) return undefined;
      throw error;
    });
    if (session) return session;
  }
  throw new Error('unreachable: the last wish is granted or throws');
}
