/** An instruction of a Dockerfile, with its stage: `{ stage: 1, name: 'RUN', text: 'mkdir /data' }`. */
export interface Instruction {
  /** 0 is the first stage. */
  stage: number;
  name: string;
  text: string;
}

/** The instructions of a Dockerfile, in order. Lines that end with a backslash go on. */
export function readDockerfile(source: string): Instruction[] {
  const lines = source
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim());
  let stage = -1;
  return lines.map((line) => {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stage++;
    return { stage, name, text };
  });
}

/** What `ENV` sets in a stage. */
export function environmentOf(instructions: readonly Instruction[], stage: number): Record<string, string> {
  const texts = instructions.filter((each) => each.stage === stage && each.name === 'ENV').map(({ text }) => text);
  return Object.fromEntries(
    texts.flatMap((text) => [...text.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
  );
}
