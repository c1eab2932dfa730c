import { use } from '../../../client-worker.ts';

export const runtime = 'edge';
export const POST = async (): Promise<Response> => new Response(await use());
