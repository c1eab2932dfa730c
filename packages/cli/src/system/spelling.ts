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
  return /^dev\b/.test(command) ? `npx @heurist/${command}` : `npx @heurist/cli ${command}`;
}

/** How to start a local network: with its package, which an installed command may not have beside it. */
export function spellDev(env: NodeJS.ProcessEnv = process.env): string {
  return env[CLONE] ? spell('dev', env) : 'npx @heurist/dev';
}

/** How to run a command that needs another package: npx forgets what was installed elsewhere. */
export function spellWith(name: string, command: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.npm_command === 'exec') return `npx -p @heurist/cli -p ${name} heurist ${command}`;
  return `npm install ${name}`;
}

/** A text with commands in backticks that begin with `heurist`, as they work here. */
export function respell(text: string, env: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(/`heurist ([^`]*)`/g, (_, command: string) => `\`${spell(command, env)}\``);
}
