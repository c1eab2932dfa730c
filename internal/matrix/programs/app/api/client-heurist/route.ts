import { use } from '../../../client-worker.ts';

export const POST = async (): Promise<Response> => new Response(await use());
