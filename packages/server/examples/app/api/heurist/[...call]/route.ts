import { handler } from '../../../../handler.ts';

export { handler as POST, handler as PUT };
