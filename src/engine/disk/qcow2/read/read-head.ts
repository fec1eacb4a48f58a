import type { EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { describeDefect, type Defect } from '../../inspect/defect.ts';
import { backingNameRules, decodeBacking, type BackingFile } from '../structures/backing-file.ts';
import { bitmapsRules } from '../structures/bitmaps-extension.ts';
import { decodeExtensions, type HeaderExtension } from '../structures/header-extensions.ts';
import { headerRules, type Qcow2Defect } from '../structures/header-rules.ts';
import { decodeHeader, geometry, type Qcow2Header } from '../structures/header.ts';
import type { Geometry } from '../structures/layout.ts';
import { qcow2Error, type Qcow2ErrorCode } from '../structures/qcow2-errors.ts';

/** Bytes that hold the header with all known fields. */
const HEADER_READ = 112;

/** The first cluster of an image, decoded as far as its rules hold. */
export interface Qcow2Head {
  /** Undefined if a rule is broken on which the rest depends. */
  readonly header: Qcow2Header | undefined;
  readonly geometry: Geometry | undefined;
  readonly extensions: readonly HeaderExtension[];
  readonly backing: BackingFile | undefined;
  /** All broken rules of header, extensions and backing file name. */
  readonly defects: readonly Qcow2Defect[];
  /** The first cluster, or all of a smaller file; only the header if a rule of it is broken. */
  readonly first: Uint8Array;
}

/** Reads and checks the first cluster. Throws `source.*` only. */
export async function readHead(source: ByteSource, signal: AbortSignal): Promise<Qcow2Head> {
  const start = new Uint8Array(Math.min(HEADER_READ, source.size));
  await source.read(0, start, signal);
  const defects = [...headerRules(start, source.size)];
  if (defects.some(({ error }) => error !== undefined)) {
    const nothing = { header: undefined, geometry: undefined, backing: undefined };
    return { ...nothing, extensions: [], defects, first: start };
  }
  const header = decodeHeader(start);
  const first = new Uint8Array(Math.min(2 ** header.clusterBits, source.size));
  await source.read(0, first, signal);
  const area = decodeExtensions(first, header);
  const backing = decodeBacking(first, header, area.extensions);
  defects.push(...area.defects, ...bitmapsRules(header, area.extensions, source.size));
  if (backing !== undefined) defects.push(...backingNameRules(backing, header));
  const { extensions } = area;
  return { header, geometry: geometry(header), extensions, backing, defects, first };
}

/** Returns the errors with which the reader refuses an image because of its head. */
export function headErrors(head: Qcow2Head, name: string): EngineError[] {
  return head.defects.flatMap((defect) => defectErrors(defect, name));
}

/** Returns the error of a defect that a reader must not accept, with the name of the file. */
export function defectErrors(defect: Defect<Qcow2ErrorCode>, name: string): EngineError[] {
  const { error, code, offset, found, expected } = defect;
  if (error === undefined) return [];
  const data = { path: name, rule: code, offset, found, expected };
  return [qcow2Error(error, `${name}: ${describeDefect(defect)}`, { data })];
}
