import { useTitle } from '../lib/use-title.ts';
import { useDroppedFiles } from '../make/fields/use-dropped-files.ts';
import { Section } from '../network/section.tsx';
import { Notice } from '../ui/notice.tsx';
import { FileDrop } from './file-drop.tsx';
import type { Finding } from './finder.ts';
import { FixedList } from './fixed-list.tsx';
import { NextSteps } from './next-steps.tsx';
import { OptionList } from './option-list.tsx';
import { OutputList } from './output-list.tsx';
import type { Source } from './read-source.ts';
import { RefusedFile } from './refusal.tsx';
import { useMore } from './use-more.tsx';
import { type Change, useOwnWorkflow, type Work } from './use-own-workflow.ts';

/** A visitor's own ComfyUI file: what will be options of it, and how it becomes a package. */
export default function YourWorkflowPage() {
  useTitle('Your workflow');
  const { state, read, change } = useOwnWorkflow();
  const { className: _, ...dropArea } = useDroppedFiles({
    onFiles: ([file]) => file && read({ file }),
    onText: (text) => read({ text }),
  });
  return (
    <div className="page own stack" style={{ '--gap': 'var(--space-5)' }} {...dropArea}>
      <div className="stack" style={{ '--gap': 'var(--space-1)' }}>
        <h1>Your workflow</h1>
        <p className="muted">
          Bring the ComfyUI file that you have. You see what will be options, what stays fixed, and how it becomes a
          package for your app. It is read in your browser, and nothing of it is sent anywhere.
        </p>
      </div>
      <FileDrop isReading={state.phase === 'reading'} hasFile={state.phase === 'found'} onSource={read} />
      <p role="status" className="breaks">
        {state.phase === 'reading' && `Reading ${state.name} …`}
        {state.phase === 'found' && foundIn(state.name, state.work)}
      </p>
      {state.phase === 'refused' && <RefusedFile {...state} />}
      {state.phase === 'found' && (
        <Found key={state.work.opened.name} source={state.source} work={state.work} onChange={change} />
      )}
    </div>
  );
}

/** What was found, in one sentence. */
function foundIn(name: string, { opened, finding }: Work): string {
  const nodes = Object.keys(opened.planned.graph).length;
  const options = finding.options.length;
  return `${name}: ${count(nodes, 'node')}, ${count(options, 'option')}.`;
}

const count = (number: number, what: string): string =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;

interface FoundProps {
  source: Source;
  work: Work;
  onChange: Change;
}

function Found({ source, work, onChange }: FoundProps) {
  const { opened, choices, finding } = work;
  const notes = [...opened.notes, ...finding.plan.notes.map(({ message }) => message)];
  return (
    <>
      <Notes notes={notes} />
      <Section title="Options">
        <OptionList options={finding.options} choices={choices} onChange={onChange} />
      </Section>
      <Section title="What stays fixed">
        <FixedList work={work} onChange={onChange} />
      </Section>
      <Section title="Outputs">
        <OutputList finding={finding} onChange={onChange} />
      </Section>
      <Section title="Model files">
        <Models models={finding.models} />
      </Section>
      <Section title="Make it a package">
        <NextSteps source={source} work={work} />
      </Section>
    </>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  const { shown, more } = useMore(notes);
  if (!notes.length) return null;
  return (
    <Notice tone="warn" title="Worth knowing">
      <ul className="own-notes">
        {shown.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {more}
    </Notice>
  );
}

function Models({ models }: Pick<Finding, 'models'>) {
  const { shown, more } = useMore(models);
  if (!models.length) return <p>The graph names no model files.</p>;
  return (
    <>
      <ul className="own-notes breaks">
        {shown.map(({ folder, filename }) => (
          <li key={`${folder}/${filename}`}>
            <code>
              models/{folder}/{filename}
            </code>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
