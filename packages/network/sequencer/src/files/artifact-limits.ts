import { HeuristError } from '@heurist/core';
import { kindOfMedia } from '@heurist/core/protocol';
import type { NetworkLimits } from '../access/limits/limits.ts';
import type { ArtifactDescription, Declared } from './artifact-table.ts';

const tooLarge = (message: string) => new HeuristError(message, { code: 'payload_too_large' });

/**
 * Checks an output that a miner declares.
 *
 * @param before - the other outputs of its attempt
 * @throws {HeuristError} `payload_too_large`
 */
export function checkOutput(
  { outputs, outputBytes, outputShare }: NetworkLimits,
  { content_type, bytes }: ArtifactDescription,
  before: Declared,
): void {
  const most = outputBytes[kindOfMedia(content_type)];
  if (bytes > most)
    throw tooLarge(
      `The output has ${bytes} bytes, more than the limit of ${most} for ${content_type}. Make it smaller.`,
    );
  if (before.files >= outputs)
    throw tooLarge(
      `This attempt has declared ${before.files} outputs, and the limit is ${outputs}. Deliver fewer files.`,
    );
  const kinds = [content_type, ...before.content_types].map(kindOfMedia);
  const total = outputShare * Math.max(...kinds.map((kind) => outputBytes[kind]));
  if (before.bytes + bytes > total)
    throw tooLarge(
      `The outputs of this attempt have ${before.bytes + bytes} bytes, more than the limit of ${total}. Deliver less.`,
    );
}

/**
 * Checks a file that a consumer announces.
 *
 * @param before - the files of its owner
 * @throws {HeuristError} `rate_limited`
 */
export function checkInput(
  { ownerFiles, ownerBytes }: NetworkLimits,
  { bytes }: ArtifactDescription,
  before: Declared,
): void {
  const message =
    before.files >= ownerFiles
      ? `You keep ${before.files} files here, and the limit is ${ownerFiles}.`
      : `With this file you keep ${before.bytes + bytes} bytes here, and the limit is ${ownerBytes}.`;
  if (before.files >= ownerFiles || before.bytes + bytes > ownerBytes)
    throw new HeuristError(
      `${message} Files are deleted after some days; those that were not uploaded, after an hour.`,
      {
        code: 'rate_limited',
      },
    );
}
