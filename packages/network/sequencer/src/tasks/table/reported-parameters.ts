import { printable } from '@heurist/core/protocol';

type Parameters = Record<string, unknown>;

/**
 * What a miner says that it ran with. Texts that its consumer has sent are as they were sent; in others nothing may steer a
 * terminal or be invisible.
 */
export function cleanParameters(reported: Parameters, sent: unknown): Parameters {
  const own = new Set<string>();
  collectTexts(sent, own);
  const clean = (text: string) => (own.has(text) ? text : printable(text));
  return mapTexts(reported, clean) as Parameters;
}

function collectTexts(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') found.add(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    found.add(name);
    collectTexts(inner, found);
  }
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [change(name), mapTexts(inner, change)]));
}
