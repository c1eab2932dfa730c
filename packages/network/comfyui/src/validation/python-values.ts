// JSON values as ComfyUI's Python sees them.

/** A list literal can be passed only wrapped: `{"__value__": [...]}`. */
export function unwrap(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '__value__' in value ? value.__value__ : value;
}

/** Python's conversions, as far as a JSON value can meet them. */
export function coerce(value: unknown, type: unknown): { value: unknown } | { problem: string } {
  if (type === 'STRING') return { value: pythonText(value) };
  if (type === 'BOOLEAN') return { value: Array.isArray(value) ? value.length > 0 : Boolean(value) };
  if (type !== 'INT' && type !== 'FLOAT') return { value };
  const name = type === 'INT' ? 'int' : 'float';
  if (value === null || typeof value === 'object')
    return {
      problem: `${name}() argument must be a string${type === 'INT' ? ', a bytes-like object' : ''} or a real number, not '${pythonTypeOf(value)}'`,
    };
  const number = typeof value === 'string' && !value.trim() ? Number.NaN : Number(value);
  const isWhole = typeof value !== 'string' || /^\s*[+-]?\d+\s*$/.test(value);
  if (Number.isNaN(number) || (type === 'INT' && !isWhole))
    return {
      problem:
        type === 'INT'
          ? `invalid literal for int() with base 10: ${pythonRepr(value)}`
          : `could not convert string to float: ${pythonRepr(value)}`,
    };
  return { value: type === 'INT' ? Math.trunc(number) : number };
}

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
