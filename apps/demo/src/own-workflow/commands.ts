import { shellPath, shellText } from '../programs/shell-text.ts';
import { type Choices, planChoices } from './choices.ts';

/** What the commands are about. */
export interface OwnPackage {
  /** The file, in the folder where the commands are typed. */
  file: string;
  /** Name of the package, which is checked: see `checkPackageName`. */
  name: string;
  choices: Choices;
}

/** Creates the package, builds and tests it, and runs it on a local network. */
export const packageCommands = (own: OwnPackage): string =>
  [
    `npx --yes @heurist/cli ${createWords(own)} --yes`,
    `cd ${own.name} && npm install && npm run build && npm test`,
    'npx --yes @heurist/dev --workflow .',
  ].join('\n');

/** Runs the graph once on a local network before anything is written. */
export const tryCommand = (own: OwnPackage): string =>
  `npx --yes -p @heurist/cli -p @heurist/dev heurist ${createWords(own)} --try`;

/** Asks a ComfyUI about nodes that are not known here. */
export const askServerCommand = (file: string): string =>
  `npx --yes @heurist/cli workflow create ${fileWord(file)} --comfyui http://127.0.0.1:8188`;

function createWords({ file, name, choices }: OwnPackage): string {
  const { output = [], drop = [], rename = [], add = [] } = planChoices(choices);
  const flags = Object.entries({ output, drop, rename, add }).flatMap(([flag, values]) =>
    values.map((value) => `--${flag} ${wordOf(value)}`),
  );
  return ['workflow create', fileWord(file), `--name ${name}`, ...flags].join(' ');
}

/** What every shell takes as it is, also those that know no single quotes. */
const PLAIN = /^[\w./:][\w./:=-]*$/;

const fileWord = (file: string) => (PLAIN.test(file) ? file : shellPath(file));
const wordOf = (text: string) => (PLAIN.test(text) ? text : shellText(text));
