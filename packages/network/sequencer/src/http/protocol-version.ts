import { checkProtocolVersion, PROTOCOL_HEADER, PROTOCOL_VERSION } from '@heurist/core/protocol';
import type { MiddlewareHandler } from 'hono';

const names = { us: 'this sequencer', them: 'the caller' };

/** Says which version of the protocol this sequencer speaks, and refuses callers whose version it does not understand. */
export const agreeOnProtocol: MiddlewareHandler = async (c, next) => {
  c.header(PROTOCOL_HEADER, `${PROTOCOL_VERSION}`);
  if (c.req.method === 'POST') checkProtocolVersion(c.req.header(PROTOCOL_HEADER), names);
  await next();
};
