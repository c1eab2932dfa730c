import type { WorkflowDefinition } from '@heurist/core/definition';
import { html } from 'hono/html';
import { calls } from './calls.ts';
import { examples } from './examples.ts';
import { toSchema } from './responses.ts';
import { parametersSchema } from './workflow-parameters.ts';

const print = (value: unknown) => JSON.stringify(value, null, 2);

/** The document for people. */
export function documentPage(workflows: readonly WorkflowDefinition[]) {
  return html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <title>Heurist sequencer</title>
        <style>
          body { font: 16px/1.5 system-ui; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
          pre { overflow: auto; background: #8881; padding: 1rem }
        </style>
        <h1>Heurist sequencer</h1>
        <p>Every call is a POST with a JSON body. Also available as <a href="openapi.json">OpenAPI</a>.</p>
        ${calls.map(
          ({ name, by, summary, request, reply }) => html`<h2>POST /${name}</h2>
            <p>For ${by}s. ${summary}</p>
            <details><summary>Example</summary><pre>${print(examples[name]?.request)}</pre><pre>${print(examples[name]?.reply)}</pre></details>
            <details><summary>Request</summary><pre>${print(toSchema(request))}</pre></details>
            <details><summary>Reply</summary><pre>${print(toSchema(reply))}</pre></details>`,
        )}
        <h2>Workflows</h2>
        ${workflows.map(
          (definition) => html`<h3>${definition.workflow_id}</h3>
            <p>${definition.title}. task_type ${definition.task_type}.</p>
            <details><summary>Parameters</summary><pre>${print(parametersSchema(definition))}</pre></details>`,
        )}
      </html>`;
}
