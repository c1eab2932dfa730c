// Node alone: `node node-http.ts`.
import { createServer } from 'node:http';
import { toNodeHandler } from '@heurist/server/node';
import { handler } from './handler.ts';

createServer(toNodeHandler(handler)).listen(Number(process.env.PORT ?? 3000));
