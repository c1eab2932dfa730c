import * as z from 'zod';

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
      responses: { 200: file(), default: errorResponse() },
    },
    put: {
      operationId: 'artifact_write',
      tags: ['files'],
      summary: 'Stores the bytes of a declared file. Sending them twice does no harm.',
      security: [{}],
      requestBody: { required: true, ...file() },
      responses: {
        200: { description: 'Stored', content: json(z.object({ artifact_id: z.string() })) },
        default: errorResponse(),
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
        default: errorResponse(),
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
        200: { description: 'Healthy', content: json(z.object({ status: z.string() })) },
        default: errorResponse(),
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'ready',
      tags: ['server'],
      summary: 'Checks this server, and whether its database and its storage of files can be written.',
      security: [{}],
      responses: {
        200: { description: 'Ready for tasks', content: json(z.object({ status: z.string() })) },
        default: errorResponse(),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['server'],
      summary: 'Returns this document.',
      security: [{}],
      responses: { 200: { description: 'OpenAPI 3.1', content: json(z.looseObject({})) } },
    },
  },
  '/docs': {
    get: {
      operationId: 'docs',
      tags: ['server'],
      summary: 'Returns this document as a web page.',
      security: [{}],
      responses: { 200: { description: 'A web page', content: { 'text/html': { schema: { type: 'string' } } } } },
    },
  },
};

function file() {
  return { description: 'The file', content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
}

export function errorResponse() {
  return {
    description: 'Error',
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
