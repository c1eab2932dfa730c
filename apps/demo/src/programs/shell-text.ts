/** Text as one word of a POSIX shell, which nothing in it can leave. */
export const shellText = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A file beside the program. A name that begins with a dash would be an option. */
export const shellPath = (name: string): string => shellText(name.startsWith('-') ? `./${name}` : name);
