// The route handler: gives the page a session token. The key stays on this server.
import { createHandler } from '@heurist/server';
import { visitorOf } from '../../../../lib/visitor.ts';

const handler = createHandler({
  authorize(request) {
    const user_id = visitorOf(request);
    return user_id ? { user_id, task_types: ['txt2img'], max_tasks: 10, expires_in: 900 } : undefined;
  },
});

export async function POST(request: Request): Promise<Response> {
  try {
    return await handler(request);
  } catch (error) {
    // wrong settings, or a key that is not accepted: for you to mend, and nothing that a visitor could do
    console.error((error as Error).message);
    const message = 'This app is out of order. We have been told.';
    return Response.json({ code: 'forbidden', message }, { status: 403 });
  }
}
