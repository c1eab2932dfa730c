/** The values that an option takes, counted from the smallest: `4n+1`. */
export function stepText(step: number, minimum = 0): string {
  return `${step}n+${minimum % step}`;
}
