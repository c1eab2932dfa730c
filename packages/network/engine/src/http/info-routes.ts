import { freemem, totalmem } from 'node:os';
import type { Hono } from 'hono';
import { describeNode, describeNodes } from '../nodes/node-class.ts';
import { MODEL_FOLDERS } from '../storage/model-folders.ts';
import type { RouteServices } from './route-services.ts';
import { SERVER_FEATURES } from './socket-hub.ts';

/** What the server is and has: node classes, models, features, statistics. */
export function addInfoRoutes(app: Hono, services: RouteServices): void {
  const { classes, models, version } = services;
  app.get('/object_info', (c) => c.json(describeNodes(classes, services)));
  app.get('/object_info/:class', (c) => {
    const node = classes.get(c.req.param('class'));
    return c.json(node ? { [node.name]: describeNode(node, services) } : {});
  });
  app.get('/models', (c) => c.json(MODEL_FOLDERS));
  app.get('/models/:folder', (c) => {
    const names = models.list(c.req.param('folder'));
    return names ? c.json(names) : c.body(null, 404);
  });
  app.get('/embeddings', (c) => c.json([]));
  app.get('/features', (c) => c.json(SERVER_FEATURES));
  app.get('/system_stats', (c) => c.json(systemStats(version)));
}

/** `python_version` and `pytorch_version` are there because clients read them. */
function systemStats(version: string) {
  const [total, free] = [totalmem(), freemem()];
  return {
    system: {
      os: process.platform === 'win32' ? 'nt' : 'posix',
      ram_total: total,
      ram_free: free,
      comfyui_version: '0.3.64',
      heurist_engine_version: version,
      python_version: 'none',
      pytorch_version: 'none',
      embedded_python: false,
      argv: [],
    },
    devices: [
      {
        name: 'cpu',
        type: 'cpu',
        index: null,
        vram_total: total,
        vram_free: free,
        torch_vram_total: total,
        torch_vram_free: free,
      },
    ],
  };
}
