import fs from 'node:fs/promises';
import { utf16, written } from '../../../../net/smb/codec/protocol/body.ts';
import { FILE_SYSTEM_CLASS as CLASS } from '../../../../net/smb/codec/queries/query-info.ts';
import { guidToBytes } from '../../../../base/guid.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { CLUSTER } from '../../files/file-times.ts';
import type { SmbRequest } from '../contract/request.ts';
import { SECTOR } from '../files/alignment.ts';
import type { Form } from './file-forms.ts';

const OBJECT_ID = 8;
const LABEL = 'Lab';
/** Programs ask for NTFS by name; what the volume lacks of it is in its attributes. */
const FILE_SYSTEM = 'NTFS';
/** Case kept, names in Unicode; nothing of security, streams, quotas or compression (MS-FSCC 2.5.1). */
const ATTRIBUTES = 0x0000_0006;
const MAX_NAME = 255;
const DISK = 7;
const SECTORS_PER_CLUSTER = CLUSTER / SECTOR;

/** Returns information about the volume (MS-FSCC 2.5). Throws INVALID_INFO_CLASS. */
export async function fileSystemForm(infoClass: number, request: SmbRequest): Promise<Form> {
  const local = request.tree.share?.local ?? '';
  switch (infoClass) {
    case CLASS.volume: {
      const { birthtimeMs, dev } = await fs.stat(local);
      const label = utf16(LABEL);
      const created = BigInt(Math.round(birthtimeMs * 10_000)) + 116_444_736_000_000_000n;
      const bytes = written(18 + label.length, (to) =>
        to
          .u64(created)
          .u32(dev >>> 0)
          .u32(label.length)
          .u8(0)
          .u8(0)
          .put(label),
      );
      return { bytes, fixed: 18 };
    }
    case CLASS.size: {
      const { total, free } = await clusters(local, request);
      return whole(
        written(24, (to) => to.u64(total).u64(free).u32(SECTORS_PER_CLUSTER).u32(SECTOR)),
      );
    }
    case CLASS.fullSize: {
      const { total, free, all } = await clusters(local, request);
      return whole(
        written(32, (to) => to.u64(total).u64(free).u64(all).u32(SECTORS_PER_CLUSTER).u32(SECTOR)),
      );
    }
    case CLASS.device:
      return whole(written(8, (to) => to.u32(DISK).u32(0)));
    case CLASS.attribute: {
      const name = utf16(FILE_SYSTEM);
      const bytes = written(12 + name.length, (to) =>
        to.u32(ATTRIBUTES).u32(MAX_NAME).u32(name.length).put(name),
      );
      return { bytes, fixed: 12 };
    }
    case CLASS.sectorSize:
      return whole(
        written(28, (to) =>
          to.u32(SECTOR).u32(CLUSTER).u32(CLUSTER).u32(CLUSTER).u32(3).u32(0).u32(0),
        ),
      );
    case OBJECT_ID:
      return whole(written(64, (to) => to.put(guidToBytes(request.server.host.serverGuid))));
    default:
      throw new StatusError(STATUS.invalidInfoClass);
  }
}

const whole = (bytes: Buffer): Form => ({ bytes, fixed: bytes.length });

async function clusters(
  local: string,
  { server }: SmbRequest,
): Promise<{ total: number; free: number; all: number }> {
  const { blocks, bavail, bfree, bsize } = await fs.statfs(local);
  const count = (units: number): number => Math.floor((units * bsize) / CLUSTER);
  const given = server.host.faults.space();
  const total = count(blocks);
  if (given === undefined) return { total, free: count(bavail), all: count(bfree) };
  const free = Math.floor(given / CLUSTER);
  return { total, free, all: free };
}
