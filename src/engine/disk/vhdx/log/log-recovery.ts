import { never } from '../../../base/abort.ts';
import { alignUp } from '../../../base/range.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { readActiveLog } from './active-log.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { MAX_VIRTUAL_SIZE, MIB } from '../structures/layout.ts';
import type { LogWrite } from './log-entry.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

const ZEROS = new Uint8Array(MIB);

/**
 * Applies the active sequence of a log to the file itself (MS-VHDX 2.3.3). Repeating it changes
 * nothing, so a crash in between is harmless as long as the header keeps its LogGuid. Does not
 * flush. Throws `vhdx.log.*`.
 */
export async function recoverLog(storage: ByteStorage, header: VhdxHeader): Promise<void> {
  const log = await readActiveLog(storage, header, never);
  for await (const write of log.writes()) await apply(storage, write);
  await extend(storage, log.lastFileOffset);
}

async function apply(storage: ByteStorage, write: LogWrite): Promise<void> {
  if (write.kind === 'page') {
    await extend(storage, write.offset + write.bytes.length);
    await storage.write(write.offset, write.bytes, never);
    return;
  }
  // Zeros beyond the end of the file come from extending it.
  const end = Math.min(write.offset + write.length, storage.size);
  for (let at = write.offset; at < end; at += ZEROS.length) {
    await storage.write(at, ZEROS.subarray(0, Math.min(ZEROS.length, end - at)), never);
  }
  await extend(storage, write.offset + write.length);
}

async function extend(storage: ByteStorage, size: number): Promise<void> {
  if (size <= storage.size) return;
  if (size > 2 * MAX_VIRTUAL_SIZE) {
    throw vhdxError(
      'vhdx.log.corrupt',
      `the log requires a file of ${size} bytes, more than the maximum of a VHDX`,
      {
        data: { offset: size, expected: 2 * MAX_VIRTUAL_SIZE },
      },
    );
  }
  await storage.resize(alignUp(size, MIB), never);
}
