/** Set by the scripts of a clone, which start the command for you. */
const CLONE = 'HEURIST_CLONE';

/**
 * A command line as it works where this one was started: in a clone, by npx or an npm script, or installed.
 *
 * @param command - what follows `heurist`
 */
export function spell(command: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env[CLONE]) return `npm run heurist -- ${command}`;
  if (!env.npm_command) return `heurist ${command}`;
  // the local network has a package of its own
  return command === 'dev' ? 'npx @heurist/dev' : `npx @heurist/cli ${command}`;
}
