import { parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The longest time that Node's timers and the database take, in seconds. */
export const MAX_SECONDS = 1_000_000;

/** Reads the number of an option, which must be in a range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number.`);
    if (value < min || value > max) throw new InvalidArgumentError(`It must be from ${min} to ${max}.`);
    return value;
  };
}

/** Reads the port of an option; 0 is any free one. */
export const port = wholeNumber(0, 65_535);

/** Reads an http(s) address; an empty one, from an environment that leaves it open, counts as none. */
export function httpUrl(text: string): string {
  if (!text || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text;
  const completed = `http://${text}`;
  const example = !text.includes('://') && URL.canParse(completed) ? completed : 'http://127.0.0.1:8188';
  throw new InvalidArgumentError(
    `It must be an http(s) address that begins with http:// or https://, such as ${example}.`,
  );
}

const UNITS = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/** Reads a size such as `500MB`, `1.5 GB`, `2TiB` or `0`: bytes. */
export function size(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase() as keyof typeof UNITS] ?? 1));
  if (number && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new InvalidArgumentError(`"${text}" is not a size. Use bytes, or a unit as in 500MB, 1.5GB or 2TB.`);
}

/** Reads the address that links begin with. */
function linkUrl(text: string): string {
  const url = URL.parse(httpUrl(text));
  if (!url || (!url.username && !url.password && !url.search && !url.hash)) return text;
  throw new InvalidArgumentError('It must be the begin of links: without a user name, a query (?) and a fragment (#).');
}

/** Reads what must not be empty. */
export function text(given: string): string {
  if (given.trim()) return given;
  throw new InvalidArgumentError('It must not be empty.');
}

/** Gathers an option that may be given several times, or list several values with commas. */
export function list(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').map((part) => part.trim())].filter(Boolean);
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads a time span such as `24h` or `30d`, in seconds. */
export function timeSpan(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit) return Number(count) * SECONDS[unit]!;
  throw new InvalidArgumentError('It must be a number with s, m, h or d, such as 24h or 30d.');
}

/** Reads a date (`2027-01-01`, midnight in UTC), a time in ISO 8601, or a time span from now, into the future or the past. */
export function moment(direction: 1 | -1): (text: string) => string {
  return (text) => {
    if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() + direction * timeSpan(text) * 1000).toISOString();
    const [, day = ''] =
      /^([12]\d{3}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
    // 30 February would be taken for 2 March
    const isDay = day && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
    if (isDay && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
    throw new InvalidArgumentError(
      'It must be a date such as 2027-01-01, a time such as 2027-01-01T12:00Z, or a span such as 30d.',
    );
  };
}

/** The log format of a service. */
export function logFormat(): Option {
  return new Option('--log-format <format>', 'log format on stderr: text, or one JSON object per line')
    .env('HEURIST_LOG_FORMAT')
    .choices(['text', 'json'])
    .default('text');
}

/** The folder of a service. */
export function dataDir(description: string): Option {
  return new Option('--data-dir <folder>', description).env('HEURIST_DATA_DIR').default('.heurist');
}

/** Where a sequencer keeps things. */
export function storagePlaces(): Option[] {
  return [
    dataDir('folder for the queue, files and first keys'),
    // without a default in the help: its value may hold a password
    new Option(
      '--database <url>',
      'postgres:// address, shared by several sequencers (default: embedded, in the data folder)',
    ).env('DATABASE_URL'),
    new Option(
      '--artifacts <address>',
      'file storage: s3://bucket/prefix, or a folder (default: in the data folder)',
    ).env('HEURIST_ARTIFACTS'),
  ];
}

/** When a sequencer makes room, and `doctor` warns. */
export function minFree(): Option {
  return new Option(
    '--min-free <size>',
    'space to leave on the disk of a folder of files: with less, the oldest ended tasks and inputs are deleted early; 0 deletes none',
  )
    .env('HEURIST_MIN_FREE')
    .argParser(size)
    .default(1e9, '1GB');
}

/** The address of a sequencer, as others see it. */
export function publicUrl(): Option {
  const meaning = 'address that links begin with, with its path behind a proxy (default: by the call)';
  return new Option('--public-url <url>', meaning).env('HEURIST_PUBLIC_URL').argParser(linkUrl);
}

/** Not mandatory for commander: `miner check` takes it before and after `check`. */
export function comfyui(): Option {
  return new Option('--comfyui <url>', 'address of a ComfyUI; repeatable, or comma-separated')
    .env('COMFYUI_URL')
    .argParser((given, before?: string[]) => [...(before ?? []), ...addresses(given).map(httpUrl)]);
}

/** A list of addresses. A comma may stand in a password. */
const addresses = (text: string) =>
  text
    .split(/,(?![^/?#\s]*@)/)
    .map((part) => part.trim())
    .filter(Boolean);

/** Of every command that sends a key. */
export function allowInsecureHttp(): Option {
  return new Option('--allow-insecure-http', 'allow sending the key over plain HTTP to a remote host').env(
    'HEURIST_ALLOW_INSECURE_HTTP',
  );
}

/** Of every service that connects to addresses which consumers name. */
export function privateHosts(what: string): Option {
  return new Option(
    '--private-hosts <hosts>',
    `hosts outside the public internet ${what}: networks, addresses, names, such as 10.0.0.0/8,storage.internal,*.lan; repeatable, or comma-separated`,
  )
    .env('HEURIST_PRIVATE_HOSTS')
    .argParser(hostList);
}

/** @throws {InvalidArgumentError} for what is not a host */
function hostList(text: string, before?: readonly string[]): string[] {
  try {
    parsePrivateHosts(list(text));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return list(text, before);
}

/** Of the same. */
export function proxyResolves(what: string): Option {
  return new Option(
    '--proxy-resolves',
    `leave host names of ${what} that cannot be resolved here to the proxy (HTTP_PROXY), which may see private networks`,
  ).env('HEURIST_PROXY_RESOLVES');
}

/**
 * Reads the values of switches from the environment: commander turns a switch on if its variable is set, even to `false`.
 */
export function readSwitches(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!option.envVar || !option.isBoolean() || command.getOptionValueSource(name) !== 'env') continue;
    const text = process.env[option.envVar] ?? '';
    const isOn = /^(1|true|yes|on)$/i.test(text);
    if (!isOn && !/^(0|false|no|off|)$/i.test(text))
      command.error(`error: ${option.envVar} must be true or false (got "${text}").`);
    command.setOptionValueWithSource(name, isOn, 'env');
  }
  if (command.parent) readSwitches(command.parent);
}
