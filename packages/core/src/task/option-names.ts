/** Name on the wire of an option. */
export function parameterName(option: string): string {
  return option.replace(/_url$/, '');
}
