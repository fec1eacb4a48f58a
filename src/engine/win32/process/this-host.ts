import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import { unlessAborted } from '../../native/slow-calls.ts';

/**
 * Whether a name or address is this computer, on Windows: `local`, its own name, a loopback address,
 * or a name of one of its addresses. Says nothing about tunnels: a port that is forwarded to another
 * computer looks local. The frozen files settle that, since their disk IDs are compared.
 */
export async function isThisHost(host: string, signal: AbortSignal): Promise<boolean> {
  if (process.platform !== 'win32') return false;
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (OWN_NAMES.includes(bare) || bare === hostname().toLowerCase()) return true;
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
  );
  try {
    const found = await unlessAborted(lookup(bare, { all: true }), signal);
    return found.some(({ address }) => own.has(address) || isLoopback(address));
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

const OWN_NAMES: readonly string[] = ['local', 'localhost', '.'];

const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);
