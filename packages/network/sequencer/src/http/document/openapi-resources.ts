import * as z from 'zod';
import { errorResponses, json } from './responses.ts';

/** A file of the examples. */
export const FILE_ID = '5b1f0c9e-7f0a-4a52-8f0c-0a4f6f2f9d10';

/** Of what is shown without a key: under names of the server only, and not too often. */
const SHOWN = ['protocol_mismatch', 'forbidden', 'rate_limited'] as const;

const checkSchema = z.object({ ok: z.boolean(), why: z.optional(z.string()) });
const readinessSchema = z.object({
  status: z.string(),
  checks: z.object({ database: checkSchema, storage: checkSchema, disk: checkSchema, clock: checkSchema }),
});

const unreadySchema = z.object({ ...readinessSchema.shape, code: z.string(), message: z.string() });
const GOOD = { database: { ok: true }, storage: { ok: true }, disk: { ok: true }, clock: { ok: true } };
const WHY = 'Files cannot be stored now. The log of this server says why.';
const BAD = { ...GOOD, storage: { ok: false, why: WHY } };

/** Everything beside the calls: files, and the server itself. */
export const resources = {
  '/artifacts/{id}': {
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      ...['expires', 'signature'].map((name) => ({ name, in: 'query', required: true, schema: { type: 'string' } })),
    ],
    get: {
      operationId: 'artifact_read',
      tags: ['files'],
      summary: 'Fetches a file. The signed URL is the permission.',
      security: [{}],
      responses: {
        200: file(),
        302: { description: 'The file is at the address in `Location`, in the storage of the network' },
        ...errorResponses(['protocol_mismatch', 'forbidden', 'not_found', 'rate_limited', 'internal', 'unavailable']),
      },
    },
    put: {
      operationId: 'artifact_write',
      tags: ['files'],
      summary: 'Stores the bytes of a declared file. Sending them twice does no harm.',
      security: [{}],
      requestBody: { required: true, ...file() },
      responses: {
        200: { description: 'Stored', content: json(z.object({ artifact_id: z.string() }), { artifact_id: FILE_ID }) },
        ...errorResponses([
          'invalid_request',
          'protocol_mismatch',
          'forbidden',
          'not_found',
          'payload_too_large',
          'rate_limited',
          'internal',
          'unavailable',
        ]),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      tags: ['operator'],
      summary: 'Returns metrics of this network for Prometheus.',
      security: [{ bearer: [] }],
      responses: {
        200: { description: 'Prometheus text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...errorResponses([
          'protocol_mismatch',
          'unauthorized',
          'forbidden',
          'rate_limited',
          'internal',
          'unavailable',
        ]),
      },
    },
  },
  '/livez': {
    get: {
      operationId: 'alive',
      tags: ['server'],
      summary: 'Says that this process is alive. Asks nothing.',
      security: [{}],
      responses: {
        200: { description: 'Alive', content: json(z.object({ status: z.string() }), { status: 'alive' }) },
        ...errorResponses(['protocol_mismatch']),
      },
    },
  },
  '/healthz': {
    get: {
      operationId: 'health',
      tags: ['server'],
      summary: 'Checks this server and its database.',
      security: [{}],
      responses: {
        200: { description: 'Healthy', content: json(z.object({ status: z.string() }), { status: 'ok' }) },
        ...errorResponses(['protocol_mismatch', 'unavailable']),
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'ready',
      tags: ['server'],
      summary: 'Checks whether this server can take tasks and files: database, storage, disk and clock.',
      security: [{}],
      responses: {
        200: { description: 'Ready for tasks', content: json(readinessSchema, { status: 'ready', checks: GOOD }) },
        503: {
          description: 'Not ready; `message` is the first reason',
          content: json(unreadySchema, { status: 'not_ready', code: 'unavailable', message: WHY, checks: BAD }),
        },
        ...errorResponses(['protocol_mismatch']),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['server'],
      summary: 'Returns this document.',
      security: [{}],
      responses: { 200: { description: 'OpenAPI 3.1', content: json(z.looseObject({})) }, ...errorResponses(SHOWN) },
    },
  },
  '/docs': {
    get: {
      operationId: 'docs',
      tags: ['server'],
      summary: 'Returns this document as a web page.',
      security: [{}],
      responses: {
        200: { description: 'A web page', content: { 'text/html': { schema: { type: 'string' } } } },
        ...errorResponses(SHOWN),
      },
    },
  },
};

function file() {
  return { description: 'The file', content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
}

/** Where the reference miner sends its files. */
export const legacyResources = {
  '/dev/upload-video': {
    post: {
      operationId: 'legacy_upload',
      tags: ['miner'],
      summary:
        'Takes the output of a reference miner, in base64. Its request is signed with what `resource_request` or its claim gave it.',
      security: [{}],
      requestBody: {
        required: true,
        content: json(z.object({ file: z.base64(), filename: z.string() }), {
          file: 'iVBORw0KGgo=',
          filename: 'upscaler/upscaler-0x1234-0197a1c2.png',
        }),
      },
      responses: {
        200: {
          description: 'Stored',
          content: json(z.object({ artifact_id: z.string(), message: z.string() }), {
            artifact_id: FILE_ID,
            message: 'stored',
          }),
        },
        ...errorResponses([
          'invalid_request',
          'protocol_mismatch',
          'forbidden',
          'lease_lost',
          'payload_too_large',
          'rate_limited',
          'internal',
          'unavailable',
        ]),
      },
    },
  },
};
