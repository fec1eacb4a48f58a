import type { FileNote } from '../../api/guest/guest-files.ts';
import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { GuestEntry, GuestNode } from '../contract/guest-files.ts';
import { mustBeFile, mustBeFolder } from '../contract/node-errors.ts';
import { TYPES, type Attribute } from './attributes.ts';
import { indexEntries } from './folder-index.ts';
import { splitReference, type Mft, type MftRecord } from './mft.ts';
import { readReparsePoint, type ReparsePoint } from './reparse-point.ts';
import { streamBytes } from './stream-bytes.ts';

/** Records of the file system's own files ($MFT …), which are not listed. */
const FIRST_USER_RECORD = 16;

const COMPRESSED = 0x0800;
const SPARSE = 0x0200;
const ENCRYPTED = 0x4000;
const NOT_LINK: ReparsePoint = { target: null, isLink: false, elsewhere: null };

/** A file, folder or link of NTFS. */
export class NtfsNode implements GuestNode {
  readonly kind: GuestNode['kind'];
  readonly id: string;
  readonly size: number;
  readonly modified: string | null;
  readonly target: string | null;
  readonly notes: readonly FileNote[];
  readonly streams: GuestNode['streams'];
  readonly #mft: Mft;
  readonly #name: string;
  readonly #record: MftRecord;
  readonly #reparse: ReparsePoint;
  readonly #encrypted: boolean;

  private constructor(mft: Mft, record: MftRecord, name: string, reparse: ReparsePoint) {
    this.#mft = mft;
    this.#record = record;
    this.#name = name;
    this.#reparse = reparse;
    const { attributes } = record;
    const standard = attributes.find(({ type }) => type === TYPES.standard);
    const facts = standard?.resident === true ? standard.value : undefined;
    const flags = facts?.u32(32) ?? 0;
    const data = this.#dataParts(null);
    this.kind = reparse.isLink ? 'link' : record.isFolder ? 'folder' : 'file';
    this.id = String(record.number);
    this.size = this.kind === 'file' ? sizeOf(data) : 0;
    this.modified = facts === undefined ? null : windowsTime(facts.big(8));
    this.target = reparse.target;
    this.#encrypted = (flags & ENCRYPTED) !== 0 || data.some(({ encrypted }) => encrypted);
    this.notes = notesOf(flags, this.#encrypted, reparse.elsewhere !== null);
    this.streams = namedStreams(attributes);
  }

  /** Opens the file of a reference. Throws `guest.damaged`. */
  static async open(
    mft: Mft,
    reference: bigint,
    name: string,
    signal: AbortSignal,
  ): Promise<NtfsNode> {
    const record = await mft.read(reference, signal);
    return new NtfsNode(mft, record, name, await reparseOf(mft, record, name, signal));
  }

  async *entries(signal: AbortSignal): AsyncGenerator<GuestEntry> {
    mustBeFolder(this, this.#name);
    const shortNames = new Map<bigint, string>();
    for await (const { reference, name, isShort } of indexEntries(
      this.#mft,
      this.#record,
      signal,
    )) {
      const [number] = splitReference(reference);
      if (number < FIRST_USER_RECORD) continue;
      if (isShort) {
        shortNames.set(reference, name);
        continue;
      }
      yield {
        name,
        get alias() {
          return shortNames.get(reference) ?? null;
        },
        node: (inner) => NtfsNode.open(this.#mft, reference, name, inner),
      };
    }
  }

  async open(stream: string | null, _signal: AbortSignal): Promise<GuestBytes> {
    if (stream === null) mustBeFile(this, this.#name);
    if (this.#encrypted) {
      const message = `${this.#name} was encrypted by the guest (EFS); Refpoint has no key`;
      throw guestError('guest.encrypted', message, { data: { found: this.#name } });
    }
    if (stream === null && this.#reparse.elsewhere !== null) {
      const message = `${this.#name} cannot be read: ${this.#reparse.elsewhere}`;
      throw guestError('guest.unsupported', message, { data: { found: this.#name } });
    }
    const parts = this.#dataParts(stream);
    if (parts.length === 0) {
      const message = `${this.#name} has no ${stream === null ? 'contents' : `stream “${stream}”`}`;
      throw guestError('guest.notFound', message, { data: { found: stream } });
    }
    const { contents, boot } = this.#mft;
    return streamBytes(contents, boot.clusterSize, parts, this.#name);
  }

  #dataParts(stream: string | null): Attribute[] {
    return this.#record.attributes.filter(
      ({ type, name }) =>
        type === TYPES.data && name.toUpperCase() === (stream ?? '').toUpperCase(),
    );
  }
}

async function reparseOf(
  mft: Mft,
  { attributes }: MftRecord,
  name: string,
  signal: AbortSignal,
): Promise<ReparsePoint> {
  const parts = attributes.filter(({ type }) => type === TYPES.reparse);
  if (parts.length === 0) return NOT_LINK;
  const bytes = streamBytes(mft.metadata, mft.boot.clusterSize, parts, name);
  const length = Math.min(bytes.size, MAX_REPARSE);
  return readReparsePoint(await readFields(bytes, 0, length, `Reparse point of ${name}`, signal));
}

/** MS-FSCC 2.1.2: a reparse point has at most 16 KiB. */
const MAX_REPARSE = 16 * 1024;

/** The first part of an attribute has its size. */
const sizeOf = (parts: readonly Attribute[]): number =>
  parts.reduce((sum, part) => sum + (part.resident ? part.value.length : part.size), 0);

function namedStreams(attributes: readonly Attribute[]): GuestNode['streams'] {
  const named = attributes.filter(({ type, name }) => type === TYPES.data && name !== '');
  const names = new Set(named.map(({ name }) => name));
  return Array.from(names, (name) => ({
    name,
    size: sizeOf(named.filter((each) => each.name === name)),
  }));
}

function notesOf(flags: number, encrypted: boolean, elsewhere: boolean): FileNote[] {
  return [
    ...((flags & COMPRESSED) === 0 ? [] : (['compressed'] as const)),
    ...((flags & SPARSE) === 0 ? [] : (['sparse'] as const)),
    ...(encrypted ? (['encrypted'] as const) : []),
    ...(elsewhere ? (['offline'] as const) : []),
  ];
}

/** 100 ns since 1601. */
function windowsTime(value: bigint): string | null {
  const milliseconds = Number(value / 10_000n) - 11_644_473_600_000;
  const date = new Date(milliseconds);
  return value === 0n || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
