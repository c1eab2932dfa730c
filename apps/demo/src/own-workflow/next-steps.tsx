import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useCatalogue } from '../data/queries.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { describedBy, Field } from '../ui/field.tsx';
import { type OwnPackage, packageCommands, tryCommand } from './commands.ts';
import { nameOf, type Source } from './read-source.ts';
import { RunHere } from './run-here.tsx';
import { saveText } from './save-text.ts';
import type { Work } from './use-own-workflow.ts';

interface NextStepsProps {
  source: Source;
  work: Work;
}

/** How the file becomes a package: commands with the changes that were made, and what was found as files. */
export function NextSteps({ source, work: { finder, opened, choices, finding } }: NextStepsProps) {
  const file = nameOf(source);
  const [name, setName] = useState(() => finder.proposeName(file));
  const { data: catalogue = [] } = useCatalogue();
  const known = catalogue.flatMap(({ workflows }) => workflows);
  const error = problemOf(() => finder.checkPackageName(name, known));
  const own: OwnPackage = { file, name, choices };
  return (
    <>
      <Field id="package-name" label="Name of the package" error={error}>
        <input
          {...describedBy('package-name', { error })}
          className="input own-name"
          value={name}
          maxLength={64}
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
      </Field>
      {'text' in source && (
        <p>
          The commands read <code>{file}</code>:{' '}
          <Save name={file} text={() => source.text}>
            Save what was pasted
          </Save>
        </p>
      )}
      {!error && (
        <>
          <Command text={packageCommands(own)}>
            In the folder of the file, these commands make a typed package of it, test it, and start a network that runs
            it. They need Node 22.18 or newer. Custom nodes are read better with <code>--comfyui</code> and the address
            of your ComfyUI.
          </Command>
          <RunHere
            command={
              <Command text={tryCommand(own)}>
                In place of the first command, this one also runs the graph once on your machine, before it writes the
                package:
              </Command>
            }
          />
        </>
      )}
      <div className="row">
        <Save name={`${error ? 'graph' : name}.api.json`} text={() => JSON.stringify(opened.planned.graph, null, 2)}>
          Graph in API format
        </Save>
        <Save name={`${error ? 'graph' : name}.plan.json`} text={() => JSON.stringify(finding.plan, null, 2)}>
          What was found, as JSON
        </Save>
      </div>
      <p className="muted small">
        The page docs/your-own-workflow.md of Heurist SDK goes on from here: tests of the package, a Next app that calls
        it, and a network that runs it.
      </p>
    </>
  );
}

function Command({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <div className="row spread">
        <p>{children}</p>
        <CopyButton key={text} text={text} what="commands" />
      </div>
      <Code isWrapped>{text}</Code>
    </div>
  );
}

function Save({ name, text, children }: { name: string; text: () => string; children: ReactNode }) {
  return (
    <Button size="compact" onClick={() => saveText(name, text())}>
      <IconDownload size={14} />
      {children}
    </Button>
  );
}

function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
