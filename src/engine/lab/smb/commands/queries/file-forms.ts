import type { BigIntStats } from 'node:fs';
import type { Buffer } from 'node:buffer';
import { utf16, written } from '../../../../net/smb/codec/protocol/body.ts';
import { FILE_CLASS } from '../../../../net/smb/codec/queries/query-info.ts';
import { writeFileFacts } from '../../../../net/smb/codec/files/file-facts.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import { StatusError } from '../../contract/status-error.ts';
import { factsOf } from '../../files/file-times.ts';
import type { Open } from '../../files/open.ts';

/** Classes of information about files that only the lab's server knows (MS-FSCC 2.4). */
const CLASS = { ...FILE_CLASS, compression: 28, id: 59 } as const;

/** Information of one class, and the bytes that every answer needs. */
export interface Form {
  readonly bytes: Buffer;
  /** A buffer that is shorter is refused; longer ones are filled and cut. */
  readonly fixed: number;
}

type Writer = (open: Open, stats: BigIntStats) => Form;

const whole = (bytes: Buffer): Form => ({ bytes, fixed: bytes.length });

const basic: Writer = (_, stats) => {
  const { creationTime, accessTime, writeTime, changeTime, attributes } = factsOf(stats);
  return whole(
    written(40, (to) =>
      to.u64(creationTime).u64(accessTime).u64(writeTime).u64(changeTime).u32(attributes),
    ),
  );
};

const standard: Writer = (open, stats) => {
  const { allocationSize, endOfFile } = factsOf(stats);
  const pending = open.deleteOnClose || open.node?.deletePending === true;
  const folder = open.kind !== 'file';
  return whole(
    written(24, (to) => {
      to.u64(allocationSize)
        .u64(endOfFile)
        .u32(folder ? 1 : Number(stats.nlink));
      to.u8(pending ? 1 : 0).u8(folder ? 1 : 0);
    }),
  );
};

const internal: Writer = (_, { ino }) => whole(written(8, (to) => to.u64(ino)));
const ea: Writer = () => whole(written(4, (to) => to.u32(0)));
const access: Writer = (open) => whole(written(4, (to) => to.u32(open.access)));
const position: Writer = (open) => whole(written(8, (to) => to.u64(open.position)));
/** Options that FileModeInformation shows (2.4.31). */
const mode: Writer = (open) => whole(written(4, (to) => to.u32(open.options & 0x103e)));
const alignment: Writer = () => whole(written(4, (to) => to.u32(0)));

/** u32 length of the name; name, with a backslash in front if `rooted`. */
function nameOf(open: Open, rooted: boolean): Form {
  const text = utf16(rooted ? `\\${open.name}` : open.name);
  return { bytes: written(4 + text.length, (to) => to.u32(text.length).put(text)), fixed: 4 };
}

const PARTS_OF_ALL: readonly Writer[] = [
  basic,
  standard,
  internal,
  ea,
  access,
  position,
  mode,
  alignment,
];

function all(open: Open, stats: BigIntStats): Form {
  const parts = PARTS_OF_ALL.map((part) => part(open, stats).bytes);
  const name = nameOf(open, true).bytes;
  const length = parts.reduce((sum, part) => sum + part.length, name.length);
  const bytes = written(length, (to) => {
    for (const part of parts) to.put(part);
    to.put(name);
  });
  return { bytes, fixed: length - name.length + 4 };
}

/** One stream, the contents; a folder has no stream (2.4.49). */
function streams(open: Open, stats: BigIntStats): Form {
  if (open.kind !== 'file') return { bytes: written(0, () => undefined), fixed: 0 };
  const { endOfFile, allocationSize } = factsOf(stats);
  const name = utf16('::$DATA');
  const bytes = written(24 + name.length, (to) =>
    to.u32(0).u32(name.length).u64(endOfFile).u64(allocationSize).put(name),
  );
  return { bytes, fixed: 24 };
}

const WRITERS: Readonly<Record<number, Writer>> = {
  [CLASS.basic]: basic,
  [CLASS.standard]: standard,
  [CLASS.internal]: internal,
  [CLASS.ea]: ea,
  [CLASS.access]: access,
  [CLASS.name]: (open) => nameOf(open, true),
  [CLASS.position]: position,
  [CLASS.mode]: mode,
  [CLASS.alignment]: alignment,
  [CLASS.all]: all,
  [CLASS.stream]: streams,
  [CLASS.compression]: (_, stats) => whole(written(16, (to) => to.u64(factsOf(stats).endOfFile))),
  [CLASS.networkOpen]: (_, stats) =>
    whole(
      written(56, (to) => {
        writeFileFacts(to, factsOf(stats));
      }),
    ),
  [CLASS.attributeTag]: (_, stats) =>
    whole(written(8, (to) => to.u32(factsOf(stats).attributes).u32(0))),
  [CLASS.normalizedName]: (open) => nameOf(open, false),
  [CLASS.id]: (_, { dev, ino }) =>
    whole(written(24, (to) => to.u64(BigInt.asUintN(32, dev)).u64(ino).u64(0))),
};

/** Returns information about an open file. Throws INVALID_INFO_CLASS. */
export function fileForm(infoClass: number, open: Open, stats: BigIntStats): Form {
  // The volume makes no short names.
  if (infoClass === CLASS.alternateName) throw new StatusError(STATUS.objectNameNotFound);
  const writer = WRITERS[infoClass];
  if (writer === undefined) throw new StatusError(STATUS.invalidInfoClass);
  return writer(open, stats);
}
