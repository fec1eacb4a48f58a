import type { ByteWriter } from '../../../../base/bytes/byte-writer.ts';
import type { Fields } from '../protocol/fields.ts';

/**
 * Times, sizes and attributes of a file, as CREATE, CLOSE and FileNetworkOpenInformation have them:
 * 4 times u64, u64 allocation, u64 end of file, u32 attributes.
 */
export interface FileFacts {
  /** FILETIMEs: units of 100 ns since 1601. */
  readonly creationTime: bigint;
  readonly accessTime: bigint;
  readonly writeTime: bigint;
  readonly changeTime: bigint;
  readonly allocationSize: number;
  readonly endOfFile: number;
  readonly attributes: number;
}

/** Facts of a CLOSE that was not asked for them. */
export const NO_FACTS: FileFacts = {
  creationTime: 0n,
  accessTime: 0n,
  writeTime: 0n,
  changeTime: 0n,
  allocationSize: 0,
  endOfFile: 0,
  attributes: 0,
};

export function readFileFacts(fields: Fields): FileFacts {
  return {
    creationTime: fields.u64(),
    accessTime: fields.u64(),
    writeTime: fields.u64(),
    changeTime: fields.u64(),
    allocationSize: fields.size('AllocationSize'),
    endOfFile: fields.size('EndOfFile'),
    attributes: fields.u32(),
  };
}

export function writeFileFacts(to: ByteWriter, facts: FileFacts): void {
  to.u64(facts.creationTime).u64(facts.accessTime).u64(facts.writeTime).u64(facts.changeTime);
  to.u64(facts.allocationSize).u64(facts.endOfFile).u32(facts.attributes);
}
