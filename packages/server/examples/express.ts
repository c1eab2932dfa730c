// Express: `node express.ts`.
import { toNodeHandler } from '@heurist/server/node';
import express from 'express';
import { handler } from './handler.ts';

const app = express();
app.use('/api/heurist', toNodeHandler(handler));
app.listen(Number(process.env.PORT ?? 3000));
