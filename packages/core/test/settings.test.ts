import { describe, expect, expectTypeOf, test } from 'vitest';
import { Heurist, HeuristError, type RequestOptions, type SubmitOptions, type WaitOptions } from '../src/index.ts';
import { apiKey, EchoTask, failure, withStub } from './client.ts';

describe('settings', () => {
  test('come from the environment when the first call is made', () =>
    withStub({}, async (_, stub) => {
      process.env.HEURIST_API_KEY = 'env-user#env-key';
      process.env.HEURIST_WORKFLOW_URL = `${stub.url}/`;
      try {
        await new Heurist().workflow.executeWorkflow(new EchoTask());
      } finally {
        delete process.env.HEURIST_API_KEY;
        delete process.env.HEURIST_WORKFLOW_URL;
      }
      expect(stub.calls[0]?.body).toMatchObject({ consumer_id: 'env-user', api_key: 'env-key' });
    }));

  test.each([
    [{ workflowURL: 'http://127.0.0.1:1' }, 'HEURIST_API_KEY'],
    [{ apiKey }, 'HEURIST_WORKFLOW_URL'],
    [{ apiKey, workflowURL: 'ftp://x' }, 'must be an http(s) URL'],
    [{ apiKey, workflowURL: 'http://example.com' }, 'https'],
  ])('%o: creating never throws, the call says how to fix it', async (options, mend) => {
    const error = await failure(new Heurist(options).workflow.executeWorkflow(new EchoTask()));
    expect(HeuristError.isInstance(error)).toBe(true);
    expect(error.code).toBe('invalid_configuration');
    expect(error.message).toContain(mend);
  });
});

test('every option may be undefined, as callers pass their own on', () => {
  type Undefined<Options> = { [Name in keyof Options]-?: undefined };
  expectTypeOf<Undefined<WaitOptions>>().toExtend<WaitOptions>();
  expectTypeOf<Undefined<SubmitOptions>>().toExtend<SubmitOptions>();
  expectTypeOf<Undefined<RequestOptions>>().toExtend<RequestOptions>();
  expectTypeOf<{ signal: AbortSignal | undefined }>().toExtend<Parameters<Heurist['workflow']['run']>[1] & {}>();
});
