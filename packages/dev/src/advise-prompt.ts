import { join } from 'node:path';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { createPromptCheck, type PromptCheck } from '@heurist/engine';
import type { TaskAdvice } from '@heurist/sequencer';
import { tinyIconsModels } from '@heurist/tiny-icons';

const NAME = 'tiny-icons';
const DRAWS = `${NAME}, the model of this network, draws one thing that emoji show, such as "a rocket", "a red apple" or "a fox"`;
/** How many words of a prompt are repeated. */
const MAX_WORDS = 5;

/**
 * Looks at prompts for the embedded model, which draws little.
 *
 * @returns what to tell the caller of a task, for the sequencer
 */
export async function createPromptAdvice(
  workflows: readonly WorkflowDefinition[],
  hint: () => string | undefined,
): Promise<(workflow_id: string, parameters: unknown) => TaskAdvice | undefined> {
  const check = await createPromptCheck(join(tinyIconsModels, 'checkpoints', NAME));
  const ids = new Set(workflows.filter(isDrawnHere).map(({ workflow_id }) => workflow_id));
  return (workflow_id, parameters) => {
    const prompt = (parameters as { prompt?: unknown } | undefined)?.prompt;
    if (!ids.has(workflow_id) || typeof prompt !== 'string') return undefined;
    const found = check(prompt);
    if (found.isFamiliar && !found.unknown.length) return undefined;
    const anythingElse = `For anything else connect a ComfyUI${hint() ? `: ${hint()}` : ' to a network.'}`;
    return {
      warning: `${DRAWS}. It may not draw this: ${describe(found)}. ${anythingElse}`,
      summary: `${DRAWS}; it may not draw what this task asks for`,
    };
  };
}

function isDrawnHere({ graph }: WorkflowDefinition): boolean {
  return Object.values(graph).some(({ inputs }) => inputs.ckpt_name === NAME);
}

function describe({ isFamiliar, unknown, similar }: PromptCheck): string {
  const reasons = [
    unknown.length && `it does not know ${list(unknown.slice(0, MAX_WORDS))}`,
    !isFamiliar && similar.length && `it was trained on ${list(similar)} instead`,
  ];
  return reasons.filter(Boolean).join(', and ') || 'it was not trained on such a thing';
}

const list = (words: readonly string[]) => words.map((word) => `"${word}"`).join(', ');
