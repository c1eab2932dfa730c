/** Prompts of `npm start` and of the pages that run on the model that comes with a local network, and a few more. */
export const drawn = [
  'a rocket',
  'a red apple',
  'red apple on a blue background',
  'a red fox',
  'a sunflower',
  'a castle',
  'a red door',
  'a hamburger',
  'a blue butterfly',
];

/** What it cannot draw: it knows the words of the first, but no such thing; and not even the words of the second. */
export const notDrawn = ['a blue car', 'a lighthouse'];
