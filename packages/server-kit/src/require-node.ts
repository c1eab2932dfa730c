/** The oldest Node that everything runs on, as in `engines` of each manifest. */
export const NEEDED_NODE = '22.18';

/** What to tell somebody who runs an older Node, or `undefined`. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = NEEDED_NODE.split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `Heurist needs Node ${NEEDED_NODE} or newer; this is ${version}.`;
}

/**
 * Ends a program that runs on an older Node. Call it before anything else loads: import the rest afterwards, since an
 * older Node may not even read it.
 */
export function requireNode(): void {
  const problem = nodeProblem(process.versions.node);
  if (!problem) return;
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
