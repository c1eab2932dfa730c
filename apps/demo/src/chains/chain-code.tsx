import { useState } from 'react';
import type { FamilyInfo } from '../../shared/api.ts';
import { useVisitor } from '../data/queries.ts';
import { PROGRAMS } from '../programs/index.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import type { Chain } from './chain.ts';
import { programOf } from './chain-program.ts';

/** The chain as one program that composes the packages. */
export function ChainCode({ chain, catalogue }: { chain: Chain; catalogue: FamilyInfo[] }) {
  const { data: visitor } = useVisitor();
  const [isCopied, setCopied] = useState(false);
  if (!visitor) return null;
  const program = PROGRAMS.typescript.write(programOf(chain, catalogue), visitor.networkUrl);
  const copy = async () => {
    await navigator.clipboard.writeText(program);
    setCopied(true);
  };
  return (
    <details className="more">
      <summary>As one TypeScript program</summary>
      <div className="stack">
        {'clipboard' in navigator && (
          <Button size="compact" onClick={copy}>
            {isCopied ? 'Program copied' : 'Copy program'}
          </Button>
        )}
        <Code>{program}</Code>
      </div>
    </details>
  );
}
