// What sentences, tables and shell blocks name exists: variables of the environment, source files, folders.
import { expect, test } from 'vitest';
import { unknownMentions } from '../src/mentions.ts';
import { readPage, readPages } from '../src/pages.ts';

test.each([...readPages().values()])('$path names what exists', (page) => {
  expect(unknownMentions(page)).toEqual([]);
});

test('every way to be wrong is found, with its line', () => {
  // written out, these would be names of this repository
  const [wrong, wrongToo] = ['HEURIST_API', 'HEURIST_PORT'].map((name) => `${name}_WRONG`);
  const text = `Set \`HEURIST_API_KEY\`, or \`${wrong}=x\`; \`SILENCE_MS\`, \`npm\`, \`a.b\`.
It is in \`client/budget.ts\` and \`client/budgets.ts\`; in \`packages/core\` and \`packages/cores\`.
See \`guides/files.md\` and \`guides/file.md\`, and \`foo/*.api.json\`.

\`\`\`sh
HEURIST_PORT=1 ${wrongToo}=1 heurist sequencer
\`\`\`
`;
  expect(unknownMentions(readPage('a.md', text))).toEqual([
    `a.md:1: ${wrong}=x`,
    'a.md:2: client/budgets.ts',
    'a.md:2: packages/cores',
    'a.md:3: guides/file.md',
    `a.md:5: ${wrongToo}`,
  ]);
});
