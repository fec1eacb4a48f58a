/** A relay of its own thread, so that it neither waits for the measured work nor slows it down: started by `delayedPort`. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Relay } from '../test/support/smb/wire/relay.ts';

interface Setup {
  readonly port: number;
  readonly delay: number;
}

/** A port behind which a server answers later. */
export interface DelayedPort {
  readonly port: number;
  /** Bytes that travelled to the client since the last call. */
  readonly bytes: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a relay to a port of this computer.
 * @param delay milliseconds for which each byte is held in each direction
 */
export async function delayedPort(port: number, delay: number): Promise<DelayedPort> {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { port, delay } satisfies Setup,
  });
  const [own] = (await once(worker, 'message')) as [number];
  return {
    port: own,
    bytes: async () => {
      worker.postMessage('bytes');
      const [count] = (await once(worker, 'message')) as [number];
      return count;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

if (!isMainThread && parentPort !== null) {
  const relay = await Relay.start(workerData as Setup);
  let reported = 0;
  parentPort.on('message', () => {
    parentPort?.postMessage(relay.bytes.server - reported);
    reported = relay.bytes.server;
  });
  parentPort.postMessage(relay.port);
}
