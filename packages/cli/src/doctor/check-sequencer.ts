import { checkProtocolVersion, PROTOCOL_HEADER, printableLine } from '@heurist/core/protocol';
import { hideCredentials, takeCredentials } from '@heurist/server-kit/url-credentials';
import { spell } from '../system/spelling.ts';
import { type Finding, fail, ok, type Settings, skip, warn } from './finding.ts';
import { PATIENCE_MS, troubleOf } from './reach.ts';

/** Beyond this, signatures of storages and webhooks begin to fail. */
const MAX_SKEW_SECONDS = 10;

/** The sequencer that clients and miners of this machine use, and its clock. */
export async function checkSequencer({ sequencer }: Settings): Promise<readonly Finding[]> {
  if (!sequencer) return [skip('sequencer', 'set HEURIST_WORKFLOW_URL, or pass --sequencer')];
  const start = Date.now();
  try {
    const response = await ask(sequencer, 'readyz');
    const milliseconds = Date.now() - start;
    return [
      judge(response, `${hideCredentials(sequencer)} answers in ${milliseconds} ms`, await response.text()),
      ...clockOf(response, start, milliseconds),
    ];
  } catch (error) {
    const { message, advice } = troubleOf(error);
    return [fail('sequencer', `${hideCredentials(sequencer)}: ${message}`, advice)];
  }
}

/** The address that links are made with. */
export async function checkPublicUrl({ publicUrl }: Settings): Promise<Finding> {
  if (!publicUrl) return skip('public address', 'none is set (--public-url): links have the address that callers use');
  try {
    const { status } = await ask(publicUrl, 'healthz');
    if (status === 200) return ok('public address', `${hideCredentials(publicUrl)} leads to a sequencer`);
    const advice = 'Check that the proxy in front passes everything under this address on to the sequencers.';
    return fail('public address', `${hideCredentials(publicUrl)} answers with status ${status}`, advice);
  } catch (error) {
    const { message, advice } = troubleOf(error);
    return fail('public address', `${hideCredentials(publicUrl)}: ${message}`, advice);
  }
}

async function ask(address: string, path: string): Promise<Response> {
  const base = address.endsWith('/') ? address : `${address}/`;
  const { url, authorization } = takeCredentials(new URL(path, base).href);
  return await fetch(url, {
    headers: authorization ? { authorization } : {},
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

function judge({ status, headers }: Response, reached: string, text: string): Finding {
  const version = headers.get(PROTOCOL_HEADER);
  try {
    checkProtocolVersion(version, { us: 'this version of heurist', them: 'the sequencer' });
  } catch (error) {
    return fail('sequencer', (error as Error).message, 'Update the older side.');
  }
  if (status === 200) return ok('sequencer', `${reached}, and is ready`);
  if (!version) {
    const advice =
      'Is this the address of a sequencer, with its path if it has one? Sequencers of others are not looked at.';
    return warn('sequencer', `${reached}, with status ${status}, and not as a sequencer of Heurist`, advice);
  }
  const reason = messageOf(text);
  const advice = `Its log says why; run ${spell('doctor')} where it runs, with the settings that it has.`;
  return fail('sequencer', `${reached}, but is not ready${reason && `: ${reason}`}`, advice);
}

function messageOf(text: string): string {
  try {
    return printableLine(`${JSON.parse(text).message ?? ''}`, 300);
  } catch {
    return '';
  }
}

/** By the header of the answer, which has whole seconds. */
function clockOf({ headers }: Response, start: number, milliseconds: number): Finding[] {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return [];
  const seconds = Math.round((start + milliseconds / 2 - date) / 1000);
  if (Math.abs(seconds) <= MAX_SKEW_SECONDS) return [ok('clock', 'goes with that of the sequencer')];
  const which = `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of the sequencer`;
  return [warn('clock', which, 'Set both clocks by NTP: signed addresses and webhooks are refused when they differ.')];
}
