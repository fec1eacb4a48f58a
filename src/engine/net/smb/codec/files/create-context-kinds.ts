import { Buffer } from 'node:buffer';
import type { Guid } from '../../../../base/guid.ts';
import type { Sender } from '../../contract/smb-errors.ts';
import { written } from '../protocol/body.ts';
import { Fields } from '../protocol/fields.ts';
import type { FileId } from '../protocol/file-id.ts';
import type { CreateContext } from './create-contexts.ts';

/** Names of contexts of CREATE (MS-SMB2 2.2.13.2). */
export const CREATE_CONTEXT = {
  extendedAttributes: 'ExtA',
  securityDescriptor: 'SecD',
  durable: 'DHnQ',
  reconnectDurable: 'DHnC',
  durable2: 'DH2Q',
  reconnectDurable2: 'DH2C',
  lease: 'RqLs',
  maximalAccess: 'MxAc',
  diskId: 'QFid',
  allocationSize: 'AlSi',
  timeWarp: 'TWrp',
  appInstanceId: Buffer.from('45bca66aefa7f74a9008fa462e144d74', 'hex').toString('latin1'),
} as const;

/** Answer to `MxAc`: the access that the account would get. */
export interface MaximalAccess {
  /** NTSTATUS of the query; the mask counts only with 0. */
  readonly status: number;
  readonly access: number;
}

/** Request `DH2Q` for a handle that outlives its connection; flags 2: persistent. */
export interface DurableRequest {
  /** Milliseconds; 0: as the server decides. */
  readonly timeout: number;
  readonly flags: number;
  readonly createGuid: Guid;
}

/** Request `DH2C`, which opens such a handle again. */
export interface DurableReconnect {
  readonly fileId: FileId;
  readonly createGuid: Guid;
  readonly flags: number;
}

export interface DurableAnswer {
  readonly timeout: number;
  readonly flags: number;
}

const context = (name: string, data: Buffer): CreateContext => ({ name, data });
const NOTHING = Buffer.alloc(0);

/** Contexts that a client sends. */
export const createContexts = {
  /** Asks for the maximal access. */
  maximalAccess: (): CreateContext => context(CREATE_CONTEXT.maximalAccess, NOTHING),
  /** Asks for the identity of the file on its volume. */
  diskId: (): CreateContext => context(CREATE_CONTEXT.diskId, NOTHING),
  durable2: ({ timeout, flags, createGuid }: DurableRequest): CreateContext =>
    context(
      CREATE_CONTEXT.durable2,
      written(32, (to) => to.u32(timeout).u32(flags).u64(0).guid(createGuid)),
    ),
  reconnectDurable2: ({ fileId, createGuid, flags }: DurableReconnect): CreateContext =>
    context(
      CREATE_CONTEXT.reconnectDurable2,
      written(36, (to) =>
        to.u64(fileId.persistent).u64(fileId.volatile).guid(createGuid).u32(flags),
      ),
    ),
} as const;

/** Contexts that a server answers with. */
export const createContextAnswers = {
  maximalAccess: ({ status, access }: MaximalAccess): CreateContext =>
    context(
      CREATE_CONTEXT.maximalAccess,
      written(8, (to) => to.u32(status).u32(access)),
    ),
  /** @param id 8 bytes of the file and 8 of its volume, opaque */
  diskId: (id: Uint8Array): CreateContext =>
    context(
      CREATE_CONTEXT.diskId,
      written(32, (to) => to.put(id)),
    ),
  durable: (): CreateContext => context(CREATE_CONTEXT.durable, Buffer.alloc(8)),
  durable2: ({ timeout, flags }: DurableAnswer): CreateContext =>
    context(
      CREATE_CONTEXT.durable2,
      written(8, (to) => to.u32(timeout).u32(flags)),
    ),
} as const;

/** Readers of the data of contexts; each throws the code of the sender if it is too short. */
export const readCreateContext = {
  maximalAccess(data: Buffer): MaximalAccess {
    const fields = new Fields(data, 'MxAc context', 'smb.answer', 0);
    return { status: fields.u32(), access: fields.u32() };
  },
  /** Returns 8 bytes of the file and 8 of its volume as hexadecimal digits. */
  diskId: (data: Buffer): string =>
    new Fields(data, 'QFid context', 'smb.answer', 0).bytes(16).toString('hex'),
  reconnectDurable: (data: Buffer): FileId =>
    new Fields(data, 'DHnC context', 'smb.request', 0).fileId(),
  durable2(data: Buffer): DurableRequest {
    const fields = new Fields(data, 'DH2Q context', 'smb.request', 0);
    const [timeout, flags] = [fields.u32(), fields.u32()];
    return { timeout, flags, createGuid: fields.skip(8).guid() };
  },
  reconnectDurable2(data: Buffer): DurableReconnect {
    const fields = new Fields(data, 'DH2C context', 'smb.request', 0);
    return { fileId: fields.fileId(), createGuid: fields.guid(), flags: fields.u32() };
  },
  durable2Answer(data: Buffer): DurableAnswer {
    const fields = new Fields(data, 'DH2Q context', 'smb.answer', 0);
    return { timeout: fields.u32(), flags: fields.u32() };
  },
  allocationSize: (data: Buffer, sender: Sender): bigint =>
    new Fields(data, 'AlSi context', sender, 0).u64(),
  /** Returns the FILETIME of the previous version that is asked for. */
  timeWarp: (data: Buffer): bigint => new Fields(data, 'TWrp context', 'smb.request', 0).u64(),
} as const;

/** Returns the first context of a name. */
export const findCreateContext = (
  contexts: readonly CreateContext[],
  name: string,
): Buffer | undefined => contexts.find((each) => each.name === name)?.data;
