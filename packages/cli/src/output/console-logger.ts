import { type Logger, printableLine } from '@heurist/core/protocol';
import { hideCredentialsIn } from '@heurist/server-kit/url-credentials';
import { printableJson } from './printable-json.ts';

/** Log format: text for people, JSON for programs. */
export type LogFormat = 'text' | 'json';

type Fields = Record<string, unknown>;

/**
 * A logger that writes one line per message to stderr.
 *
 * @param format - `text`: fields as `name=value`; `json`: one object per line. Default `text`
 */
export function createConsoleLogger(format: LogFormat = 'text'): Logger {
  const write = format === 'json' ? toJson : toText;
  const log =
    (level: string) =>
    (message: string, fields: Fields = {}) =>
      void process.stderr.write(`${hideCredentialsIn(write(new Date().toISOString(), level, message, fields))}\n`);
  return { info: log('info'), warn: log('warn'), error: log('error') };
}

function toJson(time: string, level: string, message: string, fields: Fields): string {
  return printableJson({ time, level, message, ...fields });
}

function toText(time: string, level: string, message: string, fields: Fields): string {
  const details = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  // messages and fields may quote what a stranger sent
  return printableLine(`${time} ${level} ${message}${details.join('')}`);
}
