/** Everything that a key does on the page: what it is called, and which key it is. */
export const KEYS = {
  make: { key: 'Enter', shown: ['Ctrl or ⌘', 'Enter'], what: 'Generate', withControl: true },
  cancel: { key: 'Escape', shown: ['Esc'], what: 'Cancel the task that is shown' },
  prompt: { key: '/', shown: ['/'], what: 'Go to the prompt' },
  upscale: { key: 'u', shown: ['U'], what: 'Upscale the picture' },
  variations: { key: 'v', shown: ['V'], what: 'Four variations, each with another seed' },
  again: { key: 'r', shown: ['R'], what: 'Again with these settings' },
  compare: { key: 'c', shown: ['C'], what: 'Compare before and after' },
  download: { key: 'd', shown: ['D'], what: 'Download' },
  previous: { key: 'ArrowRight', shown: ['→'], what: 'What was made before' },
  next: { key: 'ArrowLeft', shown: ['←'], what: 'What was made after' },
  help: { key: '?', shown: ['?'], what: 'This list' },
} as const satisfies Record<string, KeyUse>;

interface KeyUse {
  key: string;
  shown: readonly string[];
  what: string;
  withControl?: boolean;
}

/** Something that a key does. */
export type KeyName = keyof typeof KEYS;

/** What is known of a key that was pressed. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/**
 * What a pressed key does.
 *
 * @param isTyping - whether the focus is where keys have a meaning of their own
 * @param isSingleOn - whether keys without Ctrl do anything: people who speak to their computer turn them off
 */
export function keyNameOf(
  { key, ctrlKey, metaKey, altKey }: KeyPress,
  isTyping: boolean,
  isSingleOn: boolean,
): KeyName | undefined {
  if (altKey) return undefined;
  const isControl = ctrlKey || metaKey;
  const found = Object.entries<KeyUse>(KEYS).find(
    ([, use]) => use.key === (key.length === 1 ? key.toLowerCase() : key) && Boolean(use.withControl) === isControl,
  );
  if (!found) return undefined;
  const [name, { withControl }] = found as [KeyName, KeyUse];
  if (withControl || name === 'cancel') return name;
  return isTyping || !isSingleOn ? undefined : name;
}
