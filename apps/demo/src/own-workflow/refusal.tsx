import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { askServerCommand } from './commands.ts';
import type { OwnWorkflow } from './use-own-workflow.ts';

/** Why a file cannot be used, and every way out of it. */
export function RefusedFile({ name, refusal, choose }: Extract<OwnWorkflow, { phase: 'refused' }>) {
  const { message, needsServer, ends } = refusal;
  const command = askServerCommand(name);
  return (
    <div className="stack">
      <div role="alert">
        <Notice tone="bad" title="This file cannot be used as it is">
          {message}
        </Notice>
      </div>
      {choose && ends.length > 0 && (
        <section className="stack" aria-label="Choose the output" style={{ '--gap': 'var(--space-2)' }}>
          <p>If one of its last nodes makes the result, choose it:</p>
          <ul className="row">
            {ends.slice(0, 20).map(({ node, class_type }) => (
              <li key={node}>
                <Button size="compact" onClick={() => choose(node)}>
                  {class_type.slice(0, 60)}, node {node.slice(0, 60)}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {needsServer && (
        <section className="stack" aria-label="Ask a ComfyUI" style={{ '--gap': 'var(--space-2)' }}>
          <div className="row spread">
            <p>This page knows the nodes of ComfyUI itself. The command can ask your ComfyUI about all others:</p>
            <CopyButton text={command} what="command" />
          </div>
          <Code isWrapped>{command}</Code>
        </section>
      )}
    </div>
  );
}
