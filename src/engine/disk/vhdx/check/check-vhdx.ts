import type { ByteSource } from '../../../source/byte-source.ts';
import { guarded } from '../../inspect/guarded.ts';
import type { Defect } from '../../inspect/defect.ts';
import { inspectVhdx } from '../inspect/inspect-vhdx.ts';
import type { Occupied } from '../structures/bat-entry.ts';
import { MIB, payloadBlockCount } from '../structures/layout.ts';
import { regionName } from '../structures/regions/region-entry.ts';
import { BatCheck } from './check-bat.ts';
import { checkBitmaps } from './check-bitmaps.ts';
import { checkReserved, fileDefects } from './check-file.ts';
import { checkLog } from './check-log.ts';
import { UsedUnits } from './used-units.ts';

/**
 * Yields every broken rule of a VHDX file, as it is after a replay of its log. A file that cannot be
 * read at some place is a defect there, and the check goes on. Memory: 30 MiB for a file of 64 TiB.
 */
export async function* checkVhdx(file: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  let sound = true;
  for await (const defect of allDefects(file, signal)) {
    // Blocks that damaged entries occupied are not called unused.
    if (!sound && defect.code === 'vhdx.file.unused') continue;
    sound &&= defect.severity !== undefined && defect.severity !== 'error';
    yield defect;
  }
}

async function* allDefects(file: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const inspected = await inspectVhdx(file, signal);
  const { head, log, regions, metadata, bat, defects } = inspected;
  yield* defects;
  const { source } = log;
  const header = head.headers.chosen?.header;
  yield* guarded(checkReserved(file, signal), part('the reserved space'), signal);
  if (header !== undefined)
    yield* guarded(checkLog(file, header, log, signal), part('the log'), signal);
  const occupied: Occupied[] = regions.regions.map(({ id, offset, length }) => ({
    what: `the ${regionName(id)} region`,
    offset,
    length,
  }));
  if (header !== undefined && header.logLength > 0) {
    occupied.push({ what: 'the log', offset: header.logOffset, length: header.logLength });
  }
  const used = new UsedUnits(source.size);
  used.take(0, MIB);
  for (const { offset, length } of occupied) used.take(offset, length);
  const disk = metadata?.metadata;
  const parts = occupied.every(({ offset, length }) => offset + length <= source.size);
  if (bat === undefined || disk === undefined) {
    yield* fileDefects(file.size, false, undefined);
    return;
  }
  const check = new BatCheck(source, bat, disk, occupied, used);
  yield* guarded(check.run(signal), part('the BAT'), signal);
  const { totals } = check;
  if (disk.parent !== undefined) {
    yield* guarded(checkBitmaps(source, disk, totals, signal), part('a sector bitmap'), signal);
  }
  const blocks = payloadBlockCount(disk);
  if (disk.leaveBlocksAllocated && disk.parent === undefined && totals.present < blocks) {
    yield {
      code: 'vhdx.bat.fixedHoles',
      // qemu writes fixed images so.
      severity: 'info',
      structure: 'the BAT region',
      offset: bat.offset,
      found: totals.present,
      expected: blocks,
      section: 'MS-VHDX 2.6.2.1',
      text: `${blocks - totals.present} of ${blocks} blocks of this fixed disk are not allocated in the file`,
    };
  }
  yield* fileDefects(file.size, parts && totals.inside, used.unused);
}

const part = (structure: string): { structure: string; section: string } => ({
  structure,
  section: 'MS-VHDX 2.1',
});
