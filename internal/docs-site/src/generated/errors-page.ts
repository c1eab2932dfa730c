import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@heurist/core/protocol';
import { root } from '../paths.ts';
import { forCalls, ofClient, ofTasks } from './advice.ts';

const SOURCE = 'packages/core/src/wire/error-codes.ts';

/** What each code means, from the comments of the one table. */
function meanings(): Map<string, string> {
  const found = readFileSync(join(root, SOURCE), 'utf8').matchAll(/\/\*\* (.+) \*\/\n {2}(\w+): \{/g);
  return new Map([...found].map(([, meaning = '', code = '']) => [code, meaning]));
}

/** A heading for each, so that a search and a link find it. */
const section = (code: string, meaning: string, advice: string) =>
  `### \`${code}\`\n\n${meaning}\n\n**What to do:** ${advice[0]!.toLowerCase()}${advice.slice(1)}`;

/** Every code with its meaning and what to do: `docs/guides/errors.md`. */
export function errorsPage(): string {
  const meaning = meanings();
  const calls = Object.entries(errorCodes).map(([code, { status, isRetryable }]) =>
    section(
      code,
      `HTTP ${status}${isRetryable ? ', retried' : ''}. ${meaning.get(code)}`,
      forCalls[code as keyof typeof forCalls],
    ),
  );
  const sections = (codes: Record<string, [string, string]>) =>
    Object.entries(codes)
      .map(([code, texts]) => section(code, ...texts))
      .join('\n\n');
  return `# Errors by code

Every error of the SDK is a \`HeuristError\` with a \`code\`. Branch on the code, never on the message. Messages are for people: they
say what failed, the value, and how to fix it.

\`\`\`sh
npm install @heurist/core @heurist/upscaler
\`\`\`

\`\`\`ts
import { Heurist, HeuristError, TaskFailedError } from '@heurist/core';
import { file } from '@heurist/core/node';
import { UpscalerTask } from '@heurist/upscaler';

const heurist = new Heurist();
try {
  const { image } = await heurist.workflow.run(new UpscalerTask({ image_url: file('photo.jpg') }));
  await image.save('photo-x4.png');
} catch (error) {
  if (!HeuristError.isInstance(error)) throw error;
  if (error.code === 'out_of_memory') console.log('Try a smaller photo.');
  else console.error(error.code, error.message, error.task_id);
  if (TaskFailedError.isInstance(error)) console.error(error.history); // what each miner said
  process.exitCode = error.isRetryable ? 75 : 1; // worth running again, or not
}
\`\`\`

\`isInstance\` also recognises errors of another copy of the package, which \`instanceof\` does not. \`isRetryable\` says whether the same
call may succeed later. Calls retry by themselves until their \`timeout\`, so what reaches you was retried already. What follows is
written by \`npm run readme\` from \`${SOURCE}\` and \`internal/docs-site/src/generated/advice.ts\`.

## A call was refused

${calls.join('\n\n')}

## The task failed

A \`TaskFailedError\`. Such a failure was tried on other miners first where that could help.

${sections(ofTasks)}

## From the client itself

${sections(ofClient)}
`;
}
