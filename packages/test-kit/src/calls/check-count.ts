import { Refusal } from './refusal.ts';

/** @throws {Refusal} `invalid_request` */
export function checkCount(field: string, count: number, most: number, what = 'Ask for'): void {
  if (count > most)
    throw new Refusal(
      'invalid_request',
      `Invalid request: \`${field}\` has ${count} items, more than the limit of ${most}. ${what} them in parts.`,
    );
}
