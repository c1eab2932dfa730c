/** A logger that keeps its lines. */
export function createRecordingLogger() {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void lines.push(`${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`);
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}
