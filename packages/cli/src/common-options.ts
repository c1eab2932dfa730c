import { InvalidArgumentError, Option } from 'commander';

/** Reads a number of an option. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is no whole number.`);
  return Number(text);
}

/** How a service writes its log. */
export function logFormat(): Option {
  return new Option('--log-format <format>', 'how the log is written to stderr: a line of text or of JSON a message')
    .env('HEURIST_LOG_FORMAT')
    .choices(['text', 'json'])
    .default('text');
}
