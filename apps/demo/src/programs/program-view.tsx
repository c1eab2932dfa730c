import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useVisitor } from '../data/queries.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { PROGRAMS, type Program, type ProgramLanguage, type ProgramStep, writeProgram } from './index.ts';

interface ProgramViewProps {
  steps: readonly ProgramStep[];
  /** The one that is shown first. */
  language?: ProgramLanguage | undefined;
}

/** A chain of tasks as a program: in which language, what it needs, and how it is run. */
export function ProgramView({ steps, language: first = 'typescript' }: ProgramViewProps) {
  const [language, setLanguage] = useState(first);
  const { data: visitor } = useVisitor();
  if (!visitor || !steps.length) return null;
  const { text, files } = writeProgram(language, steps, visitor.networkUrl);
  return (
    <div className="stack" style={{ '--gap': 'var(--space-3)' }}>
      <div className="row spread">
        <LanguageChoice chosen={language} onChoose={setLanguage} />
        <CopyButton key={text} text={text} what="code" />
      </div>
      {files.length > 0 && <ProgramFiles files={files} />}
      <Code>{text}</Code>
      <p className="muted small">{HOW[language]}</p>
    </div>
  );
}

const HOW: Record<ProgramLanguage, string> = {
  typescript:
    'Save it as program.mts in an empty folder, install the packages of its first line there, and run it: node program.mts (Node 22.18 or newer).',
  cli: 'Paste it into a shell. It needs Node, and installs nothing for good.',
  curl: 'Paste it into a shell. It needs nothing but curl.',
};

interface LanguageChoiceProps {
  chosen: ProgramLanguage;
  onChoose: (language: ProgramLanguage) => void;
}

function LanguageChoice({ chosen, onChoose }: LanguageChoiceProps) {
  const languages = Object.entries(PROGRAMS) as [ProgramLanguage, { label: string }][];
  return (
    <fieldset className="row">
      <legend className="hidden">Language</legend>
      {languages.map(([language, { label }]) => (
        <Button key={language} size="compact" aria-pressed={language === chosen} onClick={() => onChoose(language)}>
          {label}
        </Button>
      ))}
    </fieldset>
  );
}

/** What was painted and uploaded is only in the network: the program reads it from its folder. */
function ProgramFiles({ files }: Pick<Program, 'files'>) {
  return (
    <section className="notice" aria-label="Files of the program">
      <strong>{files.length === 1 ? 'It needs one file' : `It needs ${files.length} files`} in its folder</strong>
      <ul className="row">
        {files.map(({ name, href }) => (
          <li key={name}>
            <a className={buttonClass({ size: 'compact' })} href={href} download={name}>
              <IconDownload size={14} />
              Save {name}
            </a>
          </li>
        ))}
        {files.length > 1 && (
          <li>
            <Button size="compact" onClick={({ currentTarget }) => saveAll(currentTarget)}>
              Save all
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}

function saveAll(button: HTMLElement): void {
  for (const link of button.closest('ul')!.querySelectorAll('a')) link.click();
}
