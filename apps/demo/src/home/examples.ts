/** Prompts that the model of a local network draws well, and that any other draws too. */
export const EXAMPLES = [
  'a rocket on a yellow background',
  'an owl on a purple background',
  'red apple on a blue background',
  'a castle on a pink background',
  'a hamburger',
] as const;
