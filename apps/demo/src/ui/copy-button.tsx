import { useState } from 'react';
import { capitalized } from '../lib/words.ts';
import { Button } from './button.tsx';

/** Copies a text; nothing where the page may not write to the clipboard. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  if (!('clipboard' in navigator)) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Button size="compact" onClick={copy}>
      {isCopied ? `${capitalized(what)} copied` : `Copy ${what}`}
    </Button>
  );
}
