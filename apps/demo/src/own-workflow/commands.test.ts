import { expect, test } from 'vitest';
import { NO_CHOICES } from './choices.ts';
import { askServerCommand, packageCommands, tryCommand } from './commands.ts';

const own = { file: 'flow.json', name: 'flow', choices: NO_CHOICES };

test('the commands have the flags of the changes', () => {
  const choices = {
    outputs: ['9', 'save it'],
    dropped: ['steps'],
    renamed: { prompt: 'scene' },
    added: [{ place: '5.scheduler', name: 'pace' }],
  };
  expect(packageCommands({ ...own, choices })).toBe(
    `npx --yes @heurist/cli workflow create flow.json --name flow --output 9 --output 'save it' --drop steps --rename prompt=scene --add pace=5.scheduler --yes
cd flow && npm install && npm run build && npm test
npx --yes @heurist/dev --workflow .`,
  );
  expect(tryCommand(own)).toBe(
    'npx --yes -p @heurist/cli -p @heurist/dev heurist workflow create flow.json --name flow --try',
  );
});

test.each([
  ["my flow; rm -rf '$HOME'.json", String.raw`'my flow; rm -rf '\''$HOME'\''.json'`],
  ['-x.json', `'./-x.json'`],
  ['流れ.json', `'流れ.json'`],
  ['a/b_c-1.json', 'a/b_c-1.json'],
])('a file named %s is one word', (file, word) => {
  expect(askServerCommand(file)).toBe(`npx --yes @heurist/cli workflow create ${word} --comfyui http://127.0.0.1:8188`);
});
