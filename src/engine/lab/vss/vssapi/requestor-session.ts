/** One requestor object of vssapi.dll: what its calls do in the lab. */
import type { Guid } from '../../../base/guid.ts';
import type { FileList, WriterMetadata, WriterStatus } from '../../../vss/model.ts';
import type { Lab } from '../../model/lab.ts';
import { BackupSet } from '../backup-set.ts';
import { driveOf, findVolume, shadowDevice, volumeName } from '../volumes.ts';
import { VSS, VssCallError } from '../vss-fault.ts';
import { WRITERS } from '../writers.ts';
import { componentsDocument, writerDocument, type RecordedComponent } from './documents.ts';
import { RestoreSet } from './restore-set.ts';
import { BodyWriter, type VssRequest } from './wire.ts';

/** VSS_VOLSNAP_ATTR_DIFFERENTIAL, VSS_SS_CREATED */
const DIFFERENTIAL = 0x2_0000;
const CREATED = 12;
/** Maximum length of a components document in characters. */
const MAX_DOCUMENT = 4 * 2 ** 20;

export class RequestorSession {
  readonly #lab: Lab;
  #backup: BackupSet | undefined;
  #restore: RestoreSet | undefined;
  #document = '';

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Returns the body of the reply. Throws {@link VssCallError}. */
  async call(request: VssRequest, signal: AbortSignal): Promise<Uint8Array> {
    const body = new BodyWriter();
    await this.#call(request, body, signal);
    return body.bytes;
  }

  /** Releases the object: a backup that was not completed is aborted, and its shadow copies vanish. */
  async close(): Promise<void> {
    await this.#backup?.abort();
  }

  async #call(request: VssRequest, body: BodyWriter, signal: AbortSignal): Promise<void> {
    const { call, text, number } = request;
    switch (call) {
      case 'open':
        this.#backup = await BackupSet.open(this.#lab, { persistent: false }, signal);
        return;
      case 'load':
        if (this.#document.length + text.length > MAX_DOCUMENT) {
          throw new VssCallError('open', VSS.invalidDocument);
        }
        this.#document += text;
        return;
      case 'openRestore':
        this.#restore = await RestoreSet.open(this.#lab, this.#document, signal);
        return;
      case 'metadata':
        writeMetadata(body, await (this.#restore ?? this.#set).identify(signal));
        return;
      case 'status':
        writeStatus(body, (this.#restore ?? this.#set).status());
        return;
      case 'supported':
        body.number(findVolume(this.#lab, text) === undefined ? 0 : 1);
        return;
      case 'document':
        body.text(
          componentsDocument(
            { writer: WRITERS[1].id, instance: WRITERS[1].instance },
            this.#recorded(),
          ),
        );
        return;
      case 'components':
        this.#writeComponents(body);
        return;
      case 'select':
        this.#restoring.select(text, number === 1);
        return;
      case 'preRestore':
        return this.#restoring.preRestore(signal);
      case 'fileStatus':
        this.#restoring.setStatus(text, number);
        return;
      case 'postRestore':
        return this.#restoring.postRestore(signal);
      default:
        return this.#makeSet(request, body, signal);
    }
  }

  async #makeSet(
    { call, text, number, id }: VssRequest,
    body: BodyWriter,
    signal: AbortSignal,
  ): Promise<void> {
    const set = this.#set;
    switch (call) {
      case 'addComponent':
        set.addComponent(text);
        return;
      case 'startSet':
        body.id(await set.start(signal));
        return;
      case 'addVolume':
        body.id(await set.addVolume(text, signal));
        return;
      case 'prepare':
        return set.prepare(signal);
      case 'snapshot':
        await set.create(signal);
        return;
      case 'shadow':
        this.#writeShadow(body, id);
        return;
      case 'succeeded':
        return set.report(text, number === 1, signal);
      case 'complete':
        return set.complete(signal);
      case 'abort':
        return set.abort();
      default:
        throw new RangeError(`${call} is not a call of a backup`);
    }
  }

  get #set(): BackupSet {
    if (this.#backup === undefined) throw new VssCallError('open', VSS.badState);
    return this.#backup;
  }

  get #restoring(): RestoreSet {
    if (this.#restore === undefined) throw new VssCallError('open', VSS.badState);
    return this.#restore;
  }

  #recorded(): readonly RecordedComponent[] {
    if (this.#restore !== undefined) return this.#restore.components;
    const set = this.#set;
    return set.components().map(({ name, logicalPath }) => ({
      name,
      logicalPath,
      succeeded: set.reported.get(name) ?? false,
    }));
  }

  #writeComponents(body: BodyWriter): void {
    const failures = new Map(this.#restore?.components.map((each) => [each.name, each]));
    body.id(WRITERS[1].id).id(WRITERS[1].instance);
    body.list(this.#recorded(), ({ name, logicalPath, succeeded }) => {
      const failed = failures.get(name);
      body.text(logicalPath).text(name);
      body.number(succeeded ? 1 : 0);
      body.text(failed?.preRestoreFailure ?? null).text(failed?.postRestoreFailure ?? null);
    });
  }

  #writeShadow(body: BodyWriter, id: Guid | undefined): void {
    const { shadows } = this.#set;
    const shadow = shadows.find((each) => each.id === id);
    const isThere = (this.#lab.state.shadows ?? []).some((each) => each.id === id);
    if (shadow === undefined || !isThere) throw new VssCallError('create', VSS.notFound);
    body.id(shadow.id).id(shadow.set).number(shadows.length).number(DIFFERENTIAL).number(CREATED);
    body.text(shadowDevice(shadow)).text(volumeName(this.#lab, driveOf(shadow)));
    body.text(this.#lab.state.machineName);
  }
}

function writeMetadata(body: BodyWriter, metadata: WriterMetadata): void {
  const { writer, instance, name, components, excludes } = metadata;
  const files = (all: readonly FileList[]): void => {
    body.list(all, ({ path, spec, recursive }) => {
      body
        .text(path)
        .text(spec)
        .number(recursive ? 1 : 0);
    });
  };
  body.id(writer).id(instance).text(name).text(writerDocument(metadata));
  files(excludes);
  body.list(components, (component) => {
    body.text(component.logicalPath).text(component.name).text(component.caption);
    files(component.files);
  });
}

function writeStatus(body: BodyWriter, all: readonly WriterStatus[]): void {
  const known = all.filter(({ writer }) => writer === WRITERS[1].id);
  body.list(known, ({ instance, writer, state, failure, name }) => {
    body.id(instance ?? WRITERS[1].instance).id(writer ?? WRITERS[1].id);
    body.number(state).number(failure).text(name);
  });
}
