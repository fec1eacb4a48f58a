import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import type { BlockExport } from '../../../src/engine/net/nbd/contract/block-export.ts';
import { startNbdServer, type NbdServer } from '../../../src/engine/net/nbd/server/nbd-server.ts';
import { afterwards } from '../checks/afterwards.ts';

/** A server of ours that ends with the test. */
export async function served(
  t: TestContext,
  disk: BlockExport,
  transport: 'unix' | 'tcp' = 'unix',
): Promise<NbdServer> {
  const server = await startNbdServer(
    disk,
    { transport, description: 'a test', log: noLog },
    never,
  );
  afterwards(t, () => server.close());
  return server;
}
