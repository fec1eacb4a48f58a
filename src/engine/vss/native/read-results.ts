import type { JsonFields } from '../../base/json-fields.ts';
import type { Guid } from '../../base/guid.ts';
import type { FileList, VssComponent, WriterMetadata, WriterStatus } from '../model.ts';

/** Bounds of the native library. */
const MAX_WRITERS = 1024;
const MAX_COMPONENTS = 4096;
const MAX_FILES = 65_536;
const MAX_TEXT = 32_767;
const MAX_DOCUMENT = 64 * 2 ** 20;
const MAX_DWORD = 2 ** 32 - 1;

/** A component with what the calls of VSS need. */
export interface NativeComponent extends VssComponent {
  /** VSS_COMPONENT_TYPE */
  readonly type: number;
}

export interface NativeMetadata extends WriterMetadata {
  readonly components: readonly NativeComponent[];
  /** The metadata as XML. */
  readonly document: string;
}

/** A component of the components document. */
export interface DocumentComponent {
  readonly writer: Guid;
  readonly type: number;
  readonly name: string;
  readonly logicalPath: string | null;
  readonly succeeded: boolean;
  readonly preRestoreFailure: string | null;
  readonly postRestoreFailure: string | null;
}

/** A shadow copy (VSS_SNAPSHOT_PROP). */
export interface ShadowProperties {
  readonly id: Guid;
  readonly set: Guid;
  readonly device: string;
  readonly volume: string;
  readonly attributes: number;
  readonly state: number;
}

/** Reads the metadata of writers. */
export function readWriters(result: JsonFields): readonly NativeMetadata[] {
  return result.objects('writers', MAX_WRITERS, (fields) => ({
    writer: fields.guid('writer'),
    instance: fields.guid('instance'),
    name: textOrEmpty(fields, 'name'),
    document: fields.text('document', MAX_DOCUMENT),
    excludes: fields.objects('excludes', MAX_FILES, readFiles),
    components: fields.objects('components', MAX_COMPONENTS, readComponent),
  }));
}

function readComponent(fields: JsonFields): NativeComponent {
  return {
    type: fields.integer('type', 0, MAX_DWORD),
    name: fields.text('name', MAX_TEXT),
    logicalPath: textOrNull(fields, 'logicalPath'),
    caption: textOrEmpty(fields, 'caption'),
    files: fields.objects('files', MAX_FILES, readFiles),
  };
}

function readFiles(fields: JsonFields): FileList {
  return {
    path: textOrEmpty(fields, 'path'),
    spec: textOrEmpty(fields, 'spec'),
    recursive: fields.flag('recursive'),
  };
}

/** Reads the state of writers. */
export function readStatus(result: JsonFields): readonly WriterStatus[] {
  return result.objects('writers', MAX_WRITERS, (fields) => ({
    name: textOrEmpty(fields, 'name'),
    writer: fields.guid('writer'),
    instance: fields.guid('instance'),
    state: fields.integer('state', 0, MAX_DWORD),
    stateName: null,
    failure: fields.integer('failure', 0, MAX_DWORD),
  }));
}

/** Reads the properties of a shadow copy. */
export function readShadow(result: JsonFields): ShadowProperties {
  return {
    id: result.guid('id'),
    set: result.guid('set'),
    device: result.match('device', /^\\\\\?\\GLOBALROOT\\Device\\[^\\/]+$/i, 'a device of Windows'),
    volume: result.text('volume', MAX_TEXT),
    attributes: result.integer('attributes', 0, MAX_DWORD),
    state: result.integer('state', 0, MAX_DWORD),
  };
}

/** Reads the components of a components document. */
export function readDocumentComponents(result: JsonFields): readonly DocumentComponent[] {
  return result.objects('components', MAX_COMPONENTS, (fields) => ({
    writer: fields.guid('writer'),
    type: fields.integer('type', 0, MAX_DWORD),
    logicalPath: textOrNull(fields, 'logicalPath'),
    name: fields.text('name', MAX_TEXT),
    succeeded: fields.flag('succeeded'),
    preRestoreFailure: textOrNull(fields, 'preRestoreFailure'),
    postRestoreFailure: textOrNull(fields, 'postRestoreFailure'),
  }));
}

/** Reads the components document. */
export const readDocument = (result: JsonFields): string => result.text('document', MAX_DOCUMENT);

const textOrNull = (fields: JsonFields, name: string): string | null =>
  fields.nullable(name, () => fields.text(name, MAX_TEXT));

const textOrEmpty = (fields: JsonFields, name: string): string => textOrNull(fields, name) ?? '';
