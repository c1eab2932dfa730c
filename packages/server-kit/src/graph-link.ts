/** Whether a value of an input is a link, `["id", output]`; every other array is malformed. */
export function isLink(value: unknown): value is [id: string, output: number] {
  return Array.isArray(value) && value.length === 2;
}
