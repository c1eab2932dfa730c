import { handler } from '../../../../handler.ts';

export const runtime = 'edge';
export { handler as POST, handler as PUT };
