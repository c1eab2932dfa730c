import type { Logger } from '@heurist/core/protocol';

/** Writes one line a message to stderr, fields as `name=value`. */
export function createConsoleLogger(): Logger {
  const log =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const details = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
      process.stderr.write(`${new Date().toISOString()} ${level} ${message}${details.join('')}\n`);
    };
  return { info: log('info'), warn: log('warn'), error: log('error') };
}
