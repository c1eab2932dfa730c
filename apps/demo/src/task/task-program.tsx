import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FamilyInfo, TaskState } from '../../shared/api.ts';
import { useVisitor } from '../data/queries.ts';
import { PROGRAMS, type ProgramLanguage } from '../programs/index.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { chainOf } from './chain-of.ts';

/** Programs that give the same result. */
export function TaskProgram({ state, catalogue }: { state: TaskState; catalogue: FamilyInfo[] }) {
  const [language, setLanguage] = useState<ProgramLanguage>('typescript');
  const { data: visitor } = useVisitor();
  const { data: steps } = useQuery({
    queryKey: ['program', state.task_id],
    queryFn: async () => await chainOf(state, catalogue),
  });
  if (!visitor || !steps?.length) return null;
  const program = PROGRAMS[language].write(steps, visitor.networkUrl);
  return (
    <section aria-label="Code" className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <div className="row spread">
        <h2>Code</h2>
        <LanguageChoice chosen={language} onChoose={setLanguage} />
        {'clipboard' in navigator && <CopyCode key={program} program={program} />}
      </div>
      <Code>{program}</Code>
    </section>
  );
}

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

function CopyCode({ program }: { program: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(program);
    setCopied(true);
  };
  return (
    <Button size="compact" onClick={copy}>
      {isCopied ? 'Code copied' : 'Copy code'}
    </Button>
  );
}
