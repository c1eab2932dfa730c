import { request } from 'node:http';
import { expect, test } from 'vitest';
import { network } from './shared.ts';

/** The OpenAPI document. */
export function testDocument(): void {
  test('the protocol describes itself, and every call that it names is there', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const document = (await (await fetch(`${network.url}/openapi.json`)).json()) as any;
    expect(document.openapi).toBe('3.1.0');
    const { properties, required } = document.paths['/task_create'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(properties)).toContain('timeout_seconds');
    expect(required).toEqual(['task_type', 'task_details']);
    expect(
      document.paths['/task_result_query'].post.responses[200].content['application/json'].schema.properties.status
        .enum,
    ).toContain('canceled');
    const calls = Object.keys(document.paths).filter((path) => document.paths[path].post);
    for (const path of calls) {
      const response = await fetch(`${network.url}${path}`, { method: 'POST', body: '{}' });
      expect([path, response.status]).not.toEqual([path, 404]);
    }
    expect(document.components.schemas['parameters-echo']).toMatchObject({
      title: 'Echo',
      properties: { text: { type: 'string' } },
      required: ['text'],
    });
    expect(await (await fetch(`${network.url}/docs`)).text()).toContain('POST /task_create');
  });

  test('pages without a key answer under addresses and names of the server only, health checks under any', async () => {
    const statusFor = (path: string, host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(`${network.url}${path}`, { headers: { host } }, (response) => {
          resolve(response.statusCode);
          response.resume();
        });
        sent.on('error', reject).end();
      });
    for (const path of ['/docs', '/openapi.json']) {
      expect([path, await statusFor(path, 'evil.example:80')]).toEqual([path, 403]);
      expect([path, await statusFor(path, 'localhost')]).toEqual([path, 200]);
    }
    expect(await statusFor('/healthz', 'evil.example')).toBe(200);
  });
}
