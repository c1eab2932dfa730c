import type { ServerResponse } from 'node:http';

/** Resolves when there is room for more of an answer, or nobody is left who reads it. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
