import { Buffer } from 'node:buffer';
import { OPERATIONS, type OperationName } from '../../codec/operations.ts';
import type { OpenedDisk } from '../../codec/open/device-context.ts';
import { SUPPORT } from '../../codec/open/support.ts';
import { TUNNEL } from '../../codec/tunnel.ts';
import { operationError } from '../../contract/operation-error.ts';
import { tunnelWords } from '../record/tunnel-words.ts';
import { closeFile } from '../../../smb/client/files/open-file.ts';
import type { SmbTree } from '../../../smb/client/session/smb-tree.ts';
import { joined } from '../../../smb/client/wire/pieces.ts';
import { FSCTL, IOCTL, IS_FSCTL } from '../../../smb/codec/files/ioctl.ts';
import type { FileId } from '../../../smb/codec/protocol/file-id.ts';
import { smbError } from '../../../smb/contract/smb-errors.ts';

/** Space for an answer, in bytes, as Microsoft's clients ask for. */
const ROOM = 4096;
/** Time for closing, in milliseconds. */
const CLOSE_MS = 5000;

export interface HandleFacts {
  readonly tree: SmbTree;
  readonly fileId: FileId;
  /** UNC path, for messages. */
  readonly path: string;
  /** Version of the context that the server accepted; 2 for opens of snapshots by attribute alone. */
  readonly version: 1 | 2;
  /** Facts of the answer; undefined with version 1. */
  readonly disk: OpenedDisk | undefined;
}

/** Wishes of a tunnelled request. */
export interface TunnelOptions {
  /** Space for the answer behind the tunnel header, in bytes. */
  readonly room?: number;
  /** Milliseconds that an announced answer may take; undefined: as every request. */
  readonly patience?: number;
}

/** An open of a shared virtual disk in one session: sends tunnelled operations and closes it. */
export class RsvdHandle {
  readonly facts: HandleFacts;
  #requestId = 0n;
  #isClosed = false;

  constructor(facts: HandleFacts) {
    this.facts = facts;
  }

  get path(): string {
    return this.facts.path;
  }

  /** Number of the last request. */
  get requestId(): bigint {
    return this.#requestId;
  }

  /**
   * Carries out an operation and returns its answer. Throws `rsvd.*` if the server refuses it,
   * `smb.answer` for an answer to another request.
   * @param what the work for messages, for example `Reading the size of`
   */
  async tunnel(
    name: OperationName,
    payload: Buffer,
    what: string,
    signal: AbortSignal,
    options: TunnelOptions = {},
  ): Promise<Buffer> {
    const { status, answer } = await this.tryTunnel(name, payload, what, signal, options);
    if (status !== 0) throw operationError(what, this.path, status);
    return answer;
  }

  /** Does the same, but returns the status of the operation. */
  async tryTunnel(
    name: OperationName,
    payload: Buffer,
    what: string,
    signal: AbortSignal,
    { room = ROOM, patience }: TunnelOptions = {},
  ): Promise<{ readonly status: number; readonly answer: Buffer }> {
    const { code, control, output } = OPERATIONS[name];
    const requestId = ++this.#requestId;
    const head = TUNNEL.encode({ operation: code, status: 0, requestId });
    const most = Math.max(output, TUNNEL.size + room);
    const input = Buffer.concat([head, payload]);
    const found = await this.control(control, input, most, what, signal, patience);
    const { operation, status, requestId: echoed } = TUNNEL.decode(found, 'smb.answer');
    if (operation !== code || echoed !== requestId) {
      throw smbError('smb.answer', `${what} ${this.path}: the answer belongs to another request`, {
        data: { path: this.path, operation, expected: code },
      });
    }
    return { status, answer: found.subarray(TUNNEL.size) };
  }

  /** Asks what the server supports, and how the disk is open. */
  async support(signal: AbortSignal): Promise<ReturnType<typeof SUPPORT.decode>> {
    const code = FSCTL.querySharedVirtualDiskSupport;
    const what = 'Querying the support of shared disks at';
    const found = await this.control(code, Buffer.alloc(0), SUPPORT.size, what, signal);
    return SUPPORT.decode(found, 'smb.answer');
  }

  /** Sends a control. Throws `rsvd.*`, `smb.*` for its status. */
  async control(
    code: number,
    input: Buffer,
    most: number,
    what: string,
    signal: AbortSignal,
    patience?: number,
  ): Promise<Buffer> {
    const { tree, fileId, path } = this.facts;
    const answer = await tree.request(
      IOCTL,
      { code, fileId, input, maxInputResponse: 0, maxOutputResponse: most, flags: IS_FSCTL },
      signal,
      Math.max(input.length, most),
      patience,
      tunnelWords,
    );
    const { status } = answer.header;
    if (status !== 0) throw operationError(what, path, status);
    return IOCTL.decodeResponse(joined(answer.pieces)).output;
  }

  /** Closes the handle, if the connection still exists. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { tree, fileId } = this.facts;
    if (tree.session.connection.ended !== undefined) return;
    await closeFile(tree, fileId, AbortSignal.timeout(CLOSE_MS)).catch(() => undefined);
  }
}
