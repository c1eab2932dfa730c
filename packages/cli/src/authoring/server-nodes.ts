import { ComfyClient, type ObjectInfo } from '@heurist/comfyui';
import type { KnownNodes } from '@heurist/graph-plan/from-editor';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { shapesOf } from '@heurist/ui-graph/node-shapes';

/** The nodes of a server, asked for once. */
export function serverNodes(
  url: string,
  client = new ComfyClient({ url }),
): KnownNodes & { info(): Promise<ObjectInfo> } {
  let asked: Promise<ObjectInfo> | undefined;
  const info = () => {
    asked ??= client.objectInfo();
    return asked;
  };
  return { info, shapes: async () => shapesOf(await info()), server: hideCredentials(url) };
}
