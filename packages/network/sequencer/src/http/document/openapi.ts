import type { Hono } from 'hono';
import packageJson from '../../../package.json' with { type: 'json' };
import { linkBaseOf } from '../link-base.ts';
import type { SequencerServices } from '../services.ts';
import { type Call, calls } from './calls.ts';
import { documentPage } from './document-page.ts';
import { examples } from './examples.ts';
import { legacyResources, resources } from './openapi-resources.ts';
import { callErrors, errorSchema, json, toSchema } from './responses.ts';
import { parametersSchema, schemaName } from './workflow-parameters.ts';

/** `GET /openapi.json` for programs, `GET /docs` for people. */
export function addDocumentRoutes(app: Hono, services: SequencerServices): void {
  const document = createDocument(services);
  app.get('/openapi.json', (c) => {
    const url = linkBaseOf(c, services).replace(/\/$/, '');
    return c.json({ ...document, servers: [{ url }] });
  });
  app.get('/docs', (c) => c.html(documentPage(services.workflows)));
}

/** The OpenAPI document, made from the schemas that check the requests. */
function createDocument({ workflows, allowLegacyMiners }: SequencerServices) {
  const parameters = workflows.map((definition) => [schemaName(definition), parametersSchema(definition)] as const);
  const { version, license } = packageJson;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Heurist sequencer',
      version,
      summary: 'Submit ComfyUI workflows as tasks, and run them on miners.',
      license: { name: license, identifier: license },
    },
    tags: [
      { name: 'consumer', description: 'For apps: submit tasks and wait for them.' },
      { name: 'miner', description: 'For machines that run tasks.' },
      { name: 'operator', description: 'For whoever runs the network.' },
      { name: 'files', description: 'Inputs and outputs.' },
      { name: 'server', description: 'This server itself.' },
    ],
    paths: {
      ...Object.fromEntries(calls.map((call) => [`/${call.name}`, { post: describeCall(call, parameters) }])),
      ...resources,
      ...(allowLegacyMiners && legacyResources),
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'ownerId#key' } },
      schemas: { Error: toSchema(errorSchema), ...Object.fromEntries(parameters) },
    },
  };
}

type Named = readonly (readonly [name: string, schema: object])[];

function describeCall({ name, by, summary, request, reply, stream, codes }: Call, parameters: Named) {
  const { request: example, reply: replyExample } = examples[name] ?? {};
  const body = json(request, example);
  const { schema } = body['application/json'];
  const { items } = (schema.properties?.tasks ?? {}) as { items?: typeof schema };
  if (name === 'task_create') nameParameters(schema, parameters);
  if (name === 'tasks_create') nameParameters(items ?? {}, parameters);
  const content = stream ? { [stream]: { schema: toSchema(reply) } } : json(reply, replyExample);
  return {
    operationId: name,
    tags: [by],
    summary,
    // a consumer may send its key in the body instead
    security: by === 'consumer' ? [{ bearer: [] }, {}] : [{ bearer: [] }],
    requestBody: { required: true, content: body },
    responses: { 200: { description: 'Success', content }, ...callErrors(codes) },
  };
}

/** Which parameters there are, by workflow; those of others are open, and so is the form of the reference, a text. */
function nameParameters({ properties }: Pick<ReturnType<typeof toSchema>, 'properties'>, parameters: Named): void {
  const details = properties?.task_details as { anyOf: object[] } | undefined;
  if (!details || parameters.length === 0) return;
  const known = parameters.map(([name]) => ({ $ref: `#/components/schemas/${name}` }));
  const form = { type: 'object', required: ['parameters'], properties: { parameters: { anyOf: known } } };
  details.anyOf = [form, ...details.anyOf];
}
