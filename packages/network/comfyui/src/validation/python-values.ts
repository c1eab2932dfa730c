import { isDeepStrictEqual } from 'node:util';
import { parsePythonNumber } from '@heurist/server-kit/python-numbers';

// JSON values as ComfyUI's Python sees them.

/** A list literal can be passed only wrapped: `{"__value__": [...]}`. */
export function unwrap(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '__value__' in value ? value.__value__ : value;
}

/** Python's conversions, as far as a JSON value can meet them. */
export function coerce(value: unknown, type: unknown): { value: unknown } | { problem: string } {
  if (type === 'STRING') return { value: pythonText(value) };
  if (type === 'BOOLEAN') return { value: isTrue(value) };
  if (type !== 'INT' && type !== 'FLOAT') return { value };
  const name = type === 'INT' ? 'int' : 'float';
  if (value === null || typeof value === 'object')
    return {
      problem: `${name}() argument must be a string${type === 'INT' ? ', a bytes-like object' : ''} or a real number, not '${pythonTypeOf(value)}'`,
    };
  const number = typeof value === 'string' ? parsePythonNumber(value, type) : Number(value);
  if (number === undefined)
    return {
      problem:
        type === 'INT'
          ? `invalid literal for int() with base 10: ${pythonRepr(value)}`
          : `could not convert string to float: ${pythonRepr(value)}`,
    };
  // JSON has no infinity: null would be sent
  if (!Number.isFinite(number)) return { problem: `${value} is too large` };
  return { value: type === 'INT' ? Math.trunc(number) : number };
}

function isTrue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

/** Python's `==` of JSON values: `True` is 1. */
export function pythonEquals(a: unknown, b: unknown): boolean {
  const [first, second] = [numberOf(a), numberOf(b)];
  return first === second || isDeepStrictEqual(first, second);
}

const numberOf = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value);

export function pythonTypeOf(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : typeof value === 'string' ? 'str' : 'dict';
}

/** Python's `str()` of a JSON value. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Python's `repr()` of a JSON value. */
export function pythonRepr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, inner]) => `'${key}': ${pythonRepr(inner)}`)
      .join(', ')}}`;
  return String(value);
}
