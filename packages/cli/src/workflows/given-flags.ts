import { describeParameters, type WorkflowDefinition } from '@heurist/core/definition';
import { parameterIssues } from './definition-task.ts';
import { readValue } from './read-value.ts';

/** The arguments after `run <workflow>`, before it is known which graph they are for. */
export interface GivenFlags {
  /** Parameters as text, by name. */
  parameters: ReadonlyMap<string, string>;
  isHelp: boolean;
  isLocal: boolean;
  allowInsecureHttp: boolean;
}

const SWITCHES = ['--help', '-h', '--local', '--allow-insecure-http'];
/** Options of the command with a value. */
const OWN = ['--out', '--timeout', '--workflow-id'];

/** Reads arguments as the command line does. */
export function readFlags(args: readonly string[]): GivenFlags {
  const parameters = new Map<string, string>();
  const switches = new Set<string>();
  for (let index = 0; index < args.length && args[index] !== '--'; index++) {
    const [flag = '', inline] = splitAtEquals(args[index]!);
    if (SWITCHES.includes(flag)) switches.add(flag);
    else if (flag.startsWith('--')) {
      const value = inline ?? args[++index] ?? '';
      if (!OWN.includes(flag)) parameters.set(flag.slice(2), value);
    }
  }
  return {
    parameters,
    isHelp: switches.has('--help') || switches.has('-h'),
    isLocal: switches.has('--local'),
    allowInsecureHttp: switches.has('--allow-insecure-http'),
  };
}

function splitAtEquals(arg: string): [string, string?] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

/** Whether a graph has these parameters, whatever their values. */
export function hasAll({ bindings }: WorkflowDefinition, names: Iterable<string>): boolean {
  return [...names].every((name) => Object.hasOwn(bindings, name));
}

/**
 * Whether a graph takes these values.
 *
 * @param isWhole - whether nothing may be missing
 */
export function takesFlags(
  definition: WorkflowDefinition,
  given: ReadonlyMap<string, string>,
  isWhole: boolean,
): boolean {
  if (!hasAll(definition, given.keys())) return false;
  const { properties } = describeParameters(definition);
  try {
    const values = [...given].map(([name, text]) => [name, readValue(text, properties[name] ?? {})]);
    const issues = parameterIssues(definition, Object.fromEntries(values));
    return issues.every(({ path: [name] }) => !isWhole && !given.has(String(name)));
  } catch {
    return false;
  }
}
