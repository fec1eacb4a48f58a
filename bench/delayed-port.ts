/** A relay in a process of its own, so that it neither waits for the measured work nor slows it down: started by `delayedPort`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Relay } from '../test/support/smb/wire/relay.ts';

/** A port behind which a server answers later. */
export interface DelayedPort {
  readonly port: number;
  /** Bytes that travelled in both directions since the last call. */
  readonly bytes: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a relay to a port of this computer.
 * @param delay milliseconds for which each byte is held in each direction
 */
export async function delayedPort(port: number, delay: number): Promise<DelayedPort> {
  const child = fork(fileURLToPath(import.meta.url), [String(port), String(delay)], {
    execArgv: ['--no-warnings'],
  });
  const [own] = (await once(child, 'message')) as [number];
  return {
    port: own,
    bytes: async () => {
      child.send('bytes');
      const [count] = (await once(child, 'message')) as [number];
      return count;
    },
    close: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, delay] = process.argv.slice(2).map(Number);
  const relay = await Relay.start({ port: port ?? 0, delay: delay ?? 0 });
  let reported = 0;
  process.on('message', () => {
    const total = relay.bytes.client + relay.bytes.server;
    process.send?.(total - reported);
    reported = total;
  });
  process.send?.(relay.port);
}
