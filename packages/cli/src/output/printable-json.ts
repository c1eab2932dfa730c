/** What JSON leaves as it is and a terminal may obey or hide: C1 controls, marks that turn text, and invisible ones. */
const HIDDEN = /[\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON on one line that a terminal shows as it is; whoever parses it gets the same value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(HIDDEN, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
