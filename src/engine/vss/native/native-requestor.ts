/**
 * Our own requestor: vssapi.dll on the host itself, through the native library. The order of the steps is that of reference 3.1. The
 * context is VSS_CTX_BACKUP: if this process ends, Windows aborts the backup and releases the shadow copies.
 */
import { never } from '../../base/abort.ts';
import type { Guid } from '../../base/guid.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { isElevated } from '../../win32/process/token.ts';
import { HYPERV_WRITER, type VssDocuments, type WriterMetadata } from '../model.ts';
import type { PlacedShadow, SetOrder, ShadowSet, VssRequestor } from '../requestor.ts';
import { vssError } from '../vss-errors.ts';
import type { VssStep } from '../vss-failure.ts';
import { componentFields, findComponent } from './component-fields.ts';
import { requireElevated } from './find-obstacle.ts';
import {
  readDocument,
  readShadow,
  readWriters,
  type NativeComponent,
  type NativeMetadata,
} from './read-results.ts';
import { VssSession, type StepCall } from './vss-session.ts';
import { requireHypervWriter } from './writer-status.ts';

/** VSS_VOLSNAP_ATTR_PERSISTENT, VSS_VOLSNAP_ATTR_NO_WRITERS, VSS_SS_CREATED */
const PERSISTENT = 0x1;
const NO_WRITERS = 0x10;
const CREATED = 12;
/** Time limit of the release, in milliseconds. */
const END_LIMIT = 2000;
/** The same after AbortBackup, and for that: with the time that a session waits for a cancelled step, two seconds. */
const ABORT_LIMIT = 450;

export class NativeRequestor implements VssRequestor {
  readonly kind = 'vssapi';
  readonly selects = true;
  readonly #elevated: () => boolean;
  #session: VssSession | undefined;
  #metadata: NativeMetadata | undefined;
  #set: Guid | undefined;
  #selected: readonly NativeComponent[] = [];
  #endLimit = END_LIMIT;
  /** Shadow copies to be made, by volume. */
  readonly #shadows = new Map<string, Guid>();

  /** @param elevated tells whether this process is elevated; tests replace it */
  constructor(elevated: () => boolean = isElevated) {
    this.#elevated = elevated;
  }

  async metadata(signal: AbortSignal): Promise<WriterMetadata> {
    requireElevated(this.#elevated);
    this.#session ??= VssSession.open();
    await this.#run({ native: 'beginBackup', step: 'open' }, signal);
    const gather: StepCall = {
      native: 'metadata',
      step: 'identify',
      fields: [`{${HYPERV_WRITER}}`],
    };
    const writers = readWriters(await this.#run(gather, signal));
    const found = writers.find(({ writer }) => writer === HYPERV_WRITER);
    if (found === undefined) {
      throw vssError('vss.writer', 'The Hyper-V writer is not on this host, or did not answer', {
        data: { step: 'identify', writer: HYPERV_WRITER },
      });
    }
    this.#metadata = found;
    return found;
  }

  async begin({ vms, volumes, onSet }: SetOrder, signal: AbortSignal): Promise<void> {
    if (this.#metadata === undefined) await this.metadata(signal);
    const metadata = this.#known();
    this.#selected = vms.map((vm) => findComponent(metadata, vm));
    for (const component of this.#selected) {
      await this.#run(this.#aboutComponent('addComponent', 'begin', component), signal);
    }
    this.#set = (await this.#run({ native: 'startSet', step: 'begin' }, signal)).guid('set');
    await onSet?.(this.#set);
    for (const volume of volumes) await this.#addVolume(volume, signal);
    await this.#run({ native: 'prepare', step: 'prepare' }, signal);
    await this.#requireWriter('prepare', signal);
  }

  async create(signal: AbortSignal): Promise<ShadowSet> {
    const id = this.#set;
    if (id === undefined) throw new Error('a set that was not begun');
    await this.#run({ native: 'snapshot', step: 'create' }, signal);
    const writers = await this.#requireWriter('create', signal);
    const shadows: PlacedShadow[] = [];
    for (const [volume, shadow] of this.#shadows) {
      shadows.push(await this.#placedShadow(volume, shadow, id, signal));
    }
    return { id, shadows, writers, components: this.#selected, archive: null };
  }

  async report(vm: Guid, succeeded: boolean, signal: AbortSignal): Promise<void> {
    const component = findComponent(this.#known(), vm);
    const call = this.#aboutComponent('succeeded', 'report', component);
    const fields = [...(call.fields ?? []), succeeded ? '1' : '0'];
    await this.#run({ ...call, fields }, signal);
  }

  async documents(signal: AbortSignal): Promise<VssDocuments> {
    const result = await this.#run({ native: 'document', step: 'report' }, signal);
    return { components: readDocument(result), writer: this.#known().document };
  }

  async complete(signal: AbortSignal): Promise<void> {
    await this.#run({ native: 'complete', step: 'complete' }, signal);
    await this.#requireWriter('complete', signal);
  }

  async abort(): Promise<void> {
    this.#endLimit = ABORT_LIMIT;
    await this.#end('abort').catch(() => undefined);
  }

  /** Releases the set. Windows does the rest even if that takes longer than we wait. */
  async close(): Promise<void> {
    await this.#end('release').catch(() => undefined);
    this.#session?.close();
    this.#session = undefined;
  }

  async #end(native: 'abort' | 'release'): Promise<void> {
    const limit = AbortSignal.timeout(this.#endLimit);
    await this.#session?.run({ native, step: 'delete' }, limit);
  }

  async #addVolume(volume: string, signal: AbortSignal): Promise<void> {
    const call: StepCall = {
      native: 'addVolume',
      step: 'addVolume',
      fields: [volume],
      about: volume,
    };
    const result = await this.#run(call, signal);
    if (!result.flag('supported')) {
      throw vssError('vss.volume', `Windows cannot make a shadow copy of the volume ${volume}`, {
        data: { step: 'addVolume', volume },
      });
    }
    this.#shadows.set(volume, result.guid('shadow'));
  }

  async #placedShadow(
    volume: string,
    shadow: Guid,
    set: Guid,
    signal: AbortSignal,
  ): Promise<PlacedShadow> {
    const call: StepCall = {
      native: 'shadow',
      step: 'create',
      fields: [`{${shadow}}`],
      about: volume,
    };
    const found = readShadow(await this.#run(call, signal));
    const noWriters = (found.attributes & NO_WRITERS) !== 0;
    const persistent = (found.attributes & PERSISTENT) !== 0;
    const same = found.volume.toLowerCase() === volume.toLowerCase();
    if (found.set !== set || !same || found.state !== CREATED || noWriters || persistent) {
      throw vssError('vss.answer', `Windows describes another shadow copy of ${volume}`, {
        data: { volume, found: found.volume, state: found.state, attributes: found.attributes },
      });
    }
    const { id, device } = found;
    return { id, set, alias: null, volume, device, root: device, noWriters, persistent };
  }

  async #requireWriter(step: VssStep, signal: AbortSignal): Promise<ShadowSet['writers']> {
    const result = await this.#run({ native: 'status', step }, signal);
    return requireHypervWriter(step, result);
  }

  #aboutComponent(
    native: 'addComponent' | 'succeeded',
    step: VssStep,
    component: NativeComponent,
  ): StepCall {
    const { instance, writer } = this.#known();
    const fields = [`{${instance}}`, `{${writer}}`, ...componentFields(component)];
    return { native, step, fields, about: component.name };
  }

  #known(): NativeMetadata {
    if (this.#metadata === undefined) throw new Error('the metadata was not gathered');
    return this.#metadata;
  }

  #run(call: StepCall, signal: AbortSignal = never): Promise<JsonFields> {
    if (this.#session === undefined) throw new Error('the requestor is closed');
    return this.#session.run(call, signal);
  }
}
