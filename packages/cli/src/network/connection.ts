import { HeuristError } from '@heurist/core';
import { createTransport } from '@heurist/core/protocol';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { CommandError } from '../output/command-error.ts';
import { spellDev } from '../system/spelling.ts';

/** A setting, as the user of a command knows it. */
export interface Setting {
  /** Such as `--sequencer` or `HEURIST_WORKFLOW_URL`. */
  name: string;
  value: string | undefined;
}

/** How a command reaches a sequencer. */
export interface Connection {
  address: Setting;
  /** Name of the setting that holds the key. */
  key: string;
}

/**
 * The connection of an app, from the environment.
 *
 * @throws {CommandError} if the address or key is missing, or the address is not usable
 */
export function appConnection(allowInsecureHttp = false): Connection {
  const { HEURIST_WORKFLOW_URL: value, HEURIST_API_KEY: key } = process.env;
  const connection = { address: { name: 'HEURIST_WORKFLOW_URL', value }, key: 'HEURIST_API_KEY' };
  checkAddress(connection.address, allowInsecureHttp);
  if (!key)
    throw new CommandError(
      'No API key. Set HEURIST_API_KEY, for example in a .env file, where the key must be in quotes.',
    );
  // the older form of the reference has a dash
  if (!/^[^-#]+-[^-#]+$/.test(key)) checkKey({ name: 'HEURIST_API_KEY', value: key });
  return connection;
}

/** Other characters never belong to a key, and no request can carry them. */
const KEY = /^[!-"$-~]+#[!-"$-~]+$/;

/**
 * Checks the form of a key, which no message repeats.
 *
 * @returns the key
 * @throws {CommandError}
 */
export function checkKey({ name, value = '' }: Setting): string {
  if (KEY.test(value)) return value;
  throw new CommandError(
    `${name} does not hold a key of the form NAME#SECRET. In a .env file, put it in quotes: an unquoted # begins a comment.`,
  );
}

/**
 * Checks that a key may be sent to an address. The rule is the SDK's; the words are the command's.
 *
 * @throws {CommandError}
 */
export function checkAddress({ name, value }: Setting, allowInsecureHttp: boolean): void {
  const verb = name.startsWith('--') ? 'Pass' : 'Set';
  if (!value)
    throw new CommandError(`No sequencer address. ${verb} ${name}; \`${spellDev()}\` starts a local network.`);
  try {
    createTransport(value, allowInsecureHttp);
  } catch (cause) {
    if (!HeuristError.isInstance(cause)) throw cause;
    const isHttp = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    const shown = hideCredentials(value);
    const message =
      isHttp && shown !== value
        ? `${name} must not hold a user name or password: leave them out of "${shown}". The key is passed in another way.`
        : isHttp
          ? `${name} "${shown}" would send the key unencrypted. Use https, or pass --allow-insecure-http in a private network.`
          : `${name} "${shown}" is not an http(s) address.`;
    throw new CommandError(message, { cause });
  }
}
