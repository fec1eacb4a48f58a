/**
 * Our client reads from Samba, encrypted, through a relay that holds every byte 25 ms each way and limits nothing. The server
 * grants 512, 64 or 1 credit: the rate against credits times 64 KiB per round trip. Needs smbd and smbpasswd.
 */
import { join } from 'node:path';
import { never } from '../src/engine/base/abort.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { forEachInFlight } from '../src/engine/base/in-flight.ts';
import { SmbFile } from '../src/engine/net/smb/client/link/smb-file.ts';
import { linkTo } from '../test/support/smb/samba-link.ts';
import { SambaServer } from '../test/support/smb/samba-server.ts';
import { has, makeRaw, median, MIB, report } from './measure.ts';
import { delayedPort } from './delayed-port.ts';

const ROUNDS = 3;
const ROUND_TRIP = 0.05;
const CREDIT = 65_536;
/** Reads that a copy keeps in flight. */
const IN_FLIGHT = 64;
const CASES = [
  { credits: 512, size: 1024 * MIB },
  { credits: 64, size: 256 * MIB },
  { credits: 1, size: 8 * MIB },
] as const;

/** Reads a file in parts of 1 MiB; returns bytes per second. */
async function rateOf(file: SmbFile, size: number): Promise<number> {
  const parts = Array.from({ length: size / MIB }, (_, i) => i * MIB);
  const into: Buffer[] = Array.from({ length: IN_FLIGHT }, () => Buffer.allocUnsafe(MIB));
  const start = performance.now();
  await forEachInFlight(
    parts,
    IN_FLIGHT,
    async (offset) => {
      const buffer = into.pop() as Buffer;
      await file.read(offset, buffer, never);
      into.push(buffer);
    },
    never,
  );
  return size / ((performance.now() - start) / 1000);
}

const perSecond = (rate: number): string => `${(rate / 1e6).toFixed(1)} MB/s`;

if (['smbd', 'smbpasswd'].every(has)) {
  for (const { credits, size } of CASES) {
    const server = await SambaServer.start({
      encrypt: 'required',
      cipher: 'AES-128-GCM',
      more: [`smb2 max credits = ${credits}`],
    });
    const relay = await delayedPort(server.port, 1000 * (ROUND_TRIP / 2));
    try {
      makeRaw(
        join(server.share, 'disk.vhdx'),
        size,
        Array.from({ length: size / MIB }, (_, i) => i),
      );
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const link = linkTo(server, { port: relay.port });
        const file = await SmbFile.open(link, 'data', 'disk.vhdx', never);
        rates.push(await rateOf(file, size));
        await file.close();
        await link.close();
      }
      const rate = median(rates);
      const most = (credits * CREDIT) / ROUND_TRIP;
      const peak = formatBytes(process.resourceUsage().maxRSS * 1024);
      report(
        `${credits} credits: ${perSecond(rate)} of ${perSecond(most)}, ratio ${(rate / most).toFixed(2)} (${credits < 512 ? 'at least 0.7' : 'no bound'}), peak ${peak}`,
      );
    } finally {
      await relay.close();
      await server.close();
    }
  }
} else report('smb-delay: smbd or smbpasswd is missing; skipped');
