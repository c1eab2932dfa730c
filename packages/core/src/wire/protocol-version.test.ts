import { expect, test } from 'vitest';
import { checkProtocolVersion } from './protocol-version.ts';

const names = { us: 'the sequencer', them: 'this client' };
const check = (theirs: string | null | undefined, ours: number) => {
  try {
    checkProtocolVersion(theirs, names, ours);
    return 'fine';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
};

test.each([undefined, null, '4', '5', '6'])('5 understands %s', (theirs) => {
  expect(check(theirs, 5)).toBe('fine');
});

test('an older one is told to update, and a newer one that we should', () => {
  const versions = 'the sequencer understands 4 to 6';
  expect(check('3', 5)).toBe(
    `protocol_mismatch: This client speaks version 3 of the protocol, and ${versions}. Update this client.`,
  );
  expect(check('7', 5)).toBe(
    `protocol_mismatch: This client speaks version 7 of the protocol, and ${versions}. Update the sequencer.`,
  );
});

test.each(['', '0', '-1', '1.5', 'v2', '1e3', '99999999999', '\u001b[2J'])('"%s" is no version', (theirs) => {
  expect(check(theirs, 1)).toMatch(/^protocol_mismatch: heurist-protocol must be a whole number/);
});
