import * as z from 'zod';

/** What is no call: files and what is told of the server itself. */
export const resources = {
  '/artifacts/{id}': {
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      ...['expires', 'signature'].map((name) => ({ name, in: 'query', required: true, schema: { type: 'string' } })),
    ],
    get: {
      operationId: 'artifact_read',
      tags: ['files'],
      summary: 'Fetches a file. The signed address is the permission.',
      security: [{}],
      responses: { 200: file(), default: refused() },
    },
    put: {
      operationId: 'artifact_write',
      tags: ['files'],
      summary: 'Stores the bytes of an announced file. Sending them twice does no harm.',
      security: [{}],
      requestBody: { required: true, ...file() },
      responses: {
        200: { description: 'Stored', content: json(z.object({ artifact_id: z.string() })) },
        default: refused(),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      tags: ['operator'],
      summary: 'Numbers of this network for Prometheus.',
      security: [{ bearer: [] }],
      responses: {
        200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } },
        default: refused(),
      },
    },
  },
  '/healthz': {
    get: {
      operationId: 'health',
      tags: ['server'],
      summary: 'Whether this server works, its database included.',
      security: [{}],
      responses: {
        200: { description: 'It works', content: json(z.object({ status: z.string() })) },
        default: refused(),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['server'],
      summary: 'This document.',
      security: [{}],
      responses: { 200: { description: 'OpenAPI 3.1', content: json(z.looseObject({})) } },
    },
  },
  '/docs': {
    get: {
      operationId: 'docs',
      tags: ['server'],
      summary: 'This document as a page.',
      security: [{}],
      responses: { 200: { description: 'A page', content: { 'text/html': { schema: { type: 'string' } } } } },
    },
  },
};

function file() {
  return { description: 'The file', content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
}

export function refused() {
  return {
    description: 'Refused',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}

export function json(schema: z.core.$ZodType) {
  return { 'application/json': { schema: toSchema(schema) } };
}

export function toSchema(schema: z.core.$ZodType) {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
