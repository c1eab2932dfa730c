/** Makes the clock of this process wrong. What is imported afterwards knows no other. */
export function skewClock(milliseconds: number): void {
  const now = Date.now;
  Date.now = () => now() + milliseconds;
}
