import type { Buffer } from 'node:buffer';
import type { CreateContext } from '../../../net/smb/codec/files/create-contexts.ts';
import type { CreateRequest } from '../../../net/smb/codec/files/create.ts';

/** A control of an open shared disk. */
export interface SharedControl {
  readonly code: number;
  readonly input: Buffer;
  /** Maximum bytes of the answer. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** Answers PENDING; the answer follows. */
  readonly pend: () => void;
}

/** An open of a shared virtual disk: what it reads and writes is the disk, not its file. */
export interface SharedDiskOpen {
  /** Contexts of the answer to CREATE. */
  readonly contexts: readonly CreateContext[];
  /** Size of the virtual disk in bytes. */
  size(): Promise<number>;
  /** Throws `StatusError`. */
  read(offset: bigint, length: number): Promise<Buffer>;
  write(offset: bigint, data: Buffer): Promise<void>;
  flush(): Promise<void>;
  /** Returns the answer to a control; undefined for one that is not about shared disks. */
  control(control: SharedControl): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** The part of a file server that knows shared virtual disks (MS-RSVD). */
export interface SharedDiskServer {
  /** Whether a share has shared disks: a scale-out one has, and depending on the server the others, too. */
  isSupported(share: { readonly scaleOut: boolean }): boolean;
  /**
   * Opens the disk of a file. Throws `StatusError`.
   * @param local path; the file may be missing
   */
  open(local: string, request: CreateRequest): Promise<SharedDiskOpen>;
  /** Throws VHD_SHARED if an ordinary open with a context would disturb a shared disk. */
  checkOrdinary(local: string, request: CreateRequest): void;
  /** Returns the answer to the support query of an ordinary open. */
  support(
    local: string | undefined,
    most: number,
    share: { readonly scaleOut: boolean } | undefined,
  ): Buffer;
}

/** End of the names that mean the disk of a file. */
export const SHARED_SUFFIX = 'SharedVirtualDisk';
