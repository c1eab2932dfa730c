import { pythonTypeOf } from './python-values.ts';
import { Stumble } from './stumble.ts';

/** What a node was given. `null` stands for a link; an input that is not given is absent. */
export type Given = ReadonlyMap<string, unknown>;
/** Whether a file lies among the server's inputs. */
export type HasFile = (name: string) => boolean;

/** A check that a class makes itself: `/object_info` tells nothing of it. */
export interface OwnCheck {
  /** The inputs that it looks at. The server does not look at their ranges and choices then. */
  inputs: readonly string[] | 'all';
  /** Those that it cannot do without. */
  needs?: readonly string[];
  /** Whether it looks at the types of links too, so the server does not. */
  checksLinks?: true;
  /** What is wrong, in its words. `linked`: the types that come by links. */
  problem?(given: Given, hasFile: HasFile, linked: Given): string | undefined;
}

/** What is wrong with a value that names a file. */
export function fileProblem(kind: string, file: unknown, hasFile: HasFile): string | undefined {
  if (typeof file !== 'string')
    throw new Stumble('AttributeError', `'${pythonTypeOf(file)}' object has no attribute 'endswith'`);
  // without a name it is the folder, which is there
  return file === '' || hasFile(file) ? undefined : `Invalid ${kind} file: ${file}`;
}
