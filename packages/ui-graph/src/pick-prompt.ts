/** A prompt as the editor sends it: without comments; of `{a|b}`, where the editor draws one, the first. */
export function pickPrompt(value: unknown): unknown {
  return typeof value === 'string' ? firstChoices(withoutComments(value)) : value;
}

/** Without what is between slashes and stars, or after two slashes. Goes once through the text: files are anybody's. */
function withoutComments(text: string): string {
  let result = '';
  let isClosed = true;
  for (let index = 0; index < text.length; ) {
    const two = text.slice(index, index + 2);
    const end = two === '/*' && isClosed ? text.indexOf('*/', index + 2) : -1;
    if (two === '/*' && end < 0) isClosed = false;
    if (end >= 0) index = end + 2;
    else if (two === '//') {
      while (index < text.length && !/[\n\r\u2028\u2029]/.test(text[index]!)) index++;
    } else result += text[index++];
  }
  return result;
}

function firstChoices(text: string): string {
  let result = '';
  // per open brace: whether its first choice has ended
  const ended: boolean[] = [];
  let skipping = 0;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index]!;
    if (letter === '\\' && /[{}|]/.test(text[index + 1] ?? '')) {
      index++;
      if (!skipping) result += text[index];
    } else if (letter === '{') ended.push(false);
    else if (letter === '}' && ended.length) skipping -= Number(ended.pop());
    else if (letter === '|' && ended.length) {
      if (!ended.at(-1)) skipping++;
      ended[ended.length - 1] = true;
    } else if (!skipping) result += letter;
  }
  return result;
}
