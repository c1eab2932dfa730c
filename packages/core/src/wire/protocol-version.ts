import { HeuristError } from './errors.ts';

/**
 * The version of the wire protocol that this package speaks. Both sides understand their own version and the one before and after
 * it, so that either can be updated first. Raise it with a change that the version before does not survive. 1 is what
 * was spoken before versions were sent.
 */
export const PROTOCOL_VERSION = 2;

/** The header in which each side says its version. Reference clients and servers send none. */
export const PROTOCOL_HEADER = 'heurist-protocol';

/**
 * Checks the version of the other side.
 *
 * @param theirs - value of the header; missing: nothing is known, and nothing is refused
 * @param names - what the two sides are called in the message
 * @throws {HeuristError} `protocol_mismatch`, whose message says which side to update
 */
export function checkProtocolVersion(
  theirs: string | null | undefined,
  names: { us: string; them: string },
  ours = PROTOCOL_VERSION,
): void {
  if (theirs == null) return;
  const mismatch = (message: string) => new HeuristError(message, { code: 'protocol_mismatch' });
  const { us, them } = names;
  if (!/^[1-9]\d{0,8}$/.test(theirs))
    throw mismatch(
      `${PROTOCOL_HEADER} must be a whole number (got "${theirs.slice(0, 20)}"). Leave it out or fix ${them}.`,
    );
  const version = Number(theirs);
  if (Math.abs(version - ours) <= 1) return;
  const older = version < ours ? them : us;
  throw mismatch(
    `${capital(them)} speaks version ${version} of the protocol, and ${us} understands ${Math.max(1, ours - 1)} to ${ours + 1}. Update ${older}.`,
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
