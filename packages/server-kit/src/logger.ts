/** Where a server writes what it does. Ids and codes only: no keys, no prompts. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Logs nothing. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

/** The same log, but one that fails loses its lines and ends nothing: whoever holds work must not die of its log. */
export function tolerateLogger(logger: Logger): Logger {
  const safely =
    (level: keyof Logger): Logger['info'] =>
    (message, fields) => {
      try {
        // one that is asynchronous rejects instead
        void Promise.resolve(logger[level](message, fields)).catch(() => {});
      } catch {
        // there is nowhere to say it
      }
    };
  return { info: safely('info'), warn: safely('warn'), error: safely('error') };
}
