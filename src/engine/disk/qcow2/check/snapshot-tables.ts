import type { ByteSource } from '../../../source/byte-source.ts';
import type { Qcow2Defect } from '../structures/header-rules.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { L1_ENTRY, MAX_L1_BYTES, MAX_SNAPSHOTS, section } from '../structures/layout.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { L1Place } from './check-tables.ts';

/** Bytes of an entry of the snapshot table (Snapshots) without its texts. */
const ENTRY = 40;

/** Reads the places of the L1 tables of snapshots into `found`, and counts the snapshot table. */
export async function* readSnapshots(
  source: ByteSource,
  { snapshotsOffset, snapshotCount, clusterBits }: Qcow2Header,
  use: ClusterUse,
  found: L1Place[],
  signal: AbortSignal,
): AsyncGenerator<Qcow2Defect> {
  const bytes = new Uint8Array(ENTRY);
  const view = new DataView(bytes.buffer);
  let at = snapshotsOffset;
  for (let i = 0; i < Math.min(snapshotCount, MAX_SNAPSHOTS); i++) {
    const fits = at + ENTRY <= source.size;
    if (fits) await source.read(at, bytes, signal);
    const offset = Number(view.getBigUint64(0));
    const entries = view.getUint32(8);
    const length = entries * L1_ENTRY;
    const placed = offset % 2 ** clusterBits === 0 && offset + length <= source.size;
    if (!fits || !placed || length > MAX_L1_BYTES) {
      yield {
        code: 'qcow2.snapshots.entry',
        structure: `qcow2 snapshot ${i + 1}`,
        offset: at,
        found: fits ? `an L1 table of ${entries} entries at ${offset}` : 'the end of the file',
        expected: 'an L1 table inside the file',
        section: section('Snapshots'),
      };
      if (!fits) return;
    } else found.push({ offset, entries, active: false });
    const texts = view.getUint16(12) + view.getUint16(14) + view.getUint32(36);
    at += Math.ceil((ENTRY + texts) / 8) * 8;
  }
  use.add(snapshotsOffset, at - snapshotsOffset);
}
