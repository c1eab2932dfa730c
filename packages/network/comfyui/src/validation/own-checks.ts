import { isLink } from '@heurist/server-kit/graph-link';
import { CORE_CHECKS } from './core-checks.ts';
import type { GraphError } from './graph-error.ts';
import type { LiveInput } from './live-inputs.ts';
import { choicesOf, isCoreModule, type NodeInfo } from './object-info.ts';
import { fileProblem, type Given, type HasFile, type OwnCheck } from './own-check.ts';
import { Stumble } from './stumble.ts';

/** The check of a class, if it has one. */
export function ownCheckOf(
  class_type: string,
  { python_module = '' }: Pick<NodeInfo, 'python_module'>,
  inputs: ReadonlyMap<string, LiveInput>,
): OwnCheck | undefined {
  if (isCoreModule(python_module)) return CORE_CHECKS.get(class_type);
  // a node pack whose input is uploaded looks at the disk too: its list of choices may be older than the upload
  const uploads = [...inputs].flatMap(([name, { written }]) => uploadOf(written).map((kind) => [name, kind] as const));
  if (!uploads.length) return undefined;
  return {
    inputs: uploads.map(([name]) => name),
    problem: (given, hasFile, linked) =>
      uploads
        .filter(([name]) => given.has(name) && !linked.has(name))
        .map(([name, kind]) => fileProblem(kind, given.get(name), hasFile))
        .find(Boolean),
  };
}

/** Whether a check looks at an input. */
export function looksAt({ inputs }: OwnCheck, name: string): boolean {
  return inputs === 'all' || inputs.includes(name);
}

/** What a node was given: its inputs, which of them it has, and the types that come by links. */
interface GivenNode {
  inputs: Readonly<Record<string, unknown>>;
  live: ReadonlyMap<string, LiveInput>;
  linked: Given;
}

/**
 * Lets a class look at what one of its nodes was given.
 *
 * @throws {Stumble} if that lacks what the class cannot do without
 */
export function askClass(own: OwnCheck, { inputs, live, linked }: GivenNode, hasFile: HasFile): GraphError[] {
  const given = new Map(
    Object.entries(inputs)
      .filter(([name, value]) => looksAt(own, name) && (isLink(value) || live.has(name)))
      .map(([name, value]) => [name, isLink(value) ? null : value]),
  );
  const lacking = own.needs?.find((name) => !given.has(name));
  if (lacking) throw new Stumble('TypeError', `missing 1 required positional argument: '${lacking}'`);
  const problem = own.problem?.(given, hasFile, linked);
  if (!problem) return [];
  const names = own.checksLinks ? ['input_types'] : [...given.keys()];
  return names.map((input_name) => ({
    type: 'custom_validation_failed',
    message: 'Custom validation failed for node',
    details: `${input_name} - ${problem}`,
    extra_info: { input_name },
  }));
}

/** Whether the server tells all inputs that a class takes. Node packs may take any, and do not say so. */
export function listsAllInputs(class_type: string, { python_module = '' }: Pick<NodeInfo, 'python_module'>): boolean {
  return isCoreModule(python_module) && class_type !== 'CustomCombo';
}

/** What kind of file is uploaded for an input: `image` for `image_upload`. */
function uploadOf(written: unknown): string[] {
  const [type, options] = Array.isArray(written) ? written : [];
  if (!choicesOf([type, options ?? {}])) return [];
  const mark = Object.keys(options ?? {}).find((key) => key.endsWith('_upload') && options[key] === true);
  return mark ? [mark.replace('_upload', '')] : [];
}
