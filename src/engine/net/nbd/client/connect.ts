import net from 'node:net';
import { isLoopback } from '../../auth/contract/loopback.ts';
import { formatNbdAddress, type NbdAddress } from '../address/nbd-address.ts';
import { nbdError } from '../contract/nbd-errors.ts';

/**
 * Connects a socket, and makes sure that its other end is on this computer. Throws
 * `nbd.unreachable`, `nbd.address`.
 */
export async function connectSocket(
  address: NbdAddress,
  milliseconds: number,
  signal: AbortSignal,
): Promise<net.Socket> {
  signal.throwIfAborted();
  const socket = net.connect(
    address.kind === 'unix' ? { path: address.socket } : { host: address.host, port: address.port },
  );
  const text = formatNbdAddress(address);
  let stop: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      const seconds = milliseconds / 1000;
      timer = setTimeout(
        () => reject(unreachable(text, `no answer in ${seconds} s`)),
        milliseconds,
      );
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(unreachable(text, error.message, error)));
    });
    const other = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
    if (address.kind === 'tcp' && !isLoopback(other)) {
      throw nbdError('nbd.address', `${text} leads to ${other}, which is another computer`, {
        data: { found: other },
      });
    }
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

const unreachable = (text: string, why: string, cause?: Error): Error =>
  nbdError('nbd.unreachable', `${text} cannot be reached: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    data: { address: text },
  });
