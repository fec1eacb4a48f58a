import type { Guid } from '../../base/guid.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { isElevated } from '../../win32/process/token.ts';
import { HYPERV_WRITER } from '../model.ts';
import { vssError } from '../vss-errors.ts';
import type { VssStep } from '../vss-failure.ts';
import { componentFields } from './component-fields.ts';
import { requireElevated } from './find-obstacle.ts';
import { readDocumentComponents, type DocumentComponent } from './read-results.ts';
import { VssSession, type StepCall } from './vss-session.ts';
import { requireHypervWriter } from './writer-status.ts';

/** VSS_FILE_RESTORE_STATUS: every file was restored, or not all of them. */
const STATUS = { all: 2, failed: 3 } as const;
const END_LIMIT = 2000;

/**
 * Restores one VM with the Hyper-V writer of this host (reference 3.2). The order is: open, preRestore,
 * the files, setStatus, postRestore, close.
 */
export class NativeRestorer {
  readonly #session: VssSession;
  readonly #component: DocumentComponent;

  private constructor(session: VssSession, component: DocumentComponent) {
    this.#session = session;
    this.#component = component;
  }

  /**
   * Opens the components document of a backup and selects the VM alone. Changes nothing on the host.
   * Throws `vss.component` if the document lacks the VM.
   *
   * @param elevated tells whether this process is elevated; tests replace it
   */
  static async open(
    document: string,
    vm: Guid,
    signal: AbortSignal,
    elevated: () => boolean = isElevated,
  ): Promise<NativeRestorer> {
    requireElevated(elevated);
    const session = VssSession.open();
    try {
      await session.run({ native: 'beginRestore', step: 'open', fields: [document] }, signal);
      const writer = `{${HYPERV_WRITER}}`;
      await session.run({ native: 'metadata', step: 'identify', fields: [writer] }, signal);
      const found = await session.run({ native: 'components', step: 'identify' }, signal);
      const component = readDocumentComponents(found).find(
        (each) => each.writer === HYPERV_WRITER && each.name.toLowerCase() === vm,
      );
      if (component === undefined) {
        throw vssError('vss.component', `The components document does not have the VM ${vm}`, {
          data: { step: 'identify', vm },
        });
      }
      const restorer = new NativeRestorer(session, component);
      await restorer.#run('select', 'begin', [], signal);
      return restorer;
    } catch (error) {
      await release(session);
      throw error;
    }
  }

  /** The writer turns the VM off and deletes it. */
  async preRestore(signal: AbortSignal): Promise<void> {
    await this.#session.run({ native: 'preRestore', step: 'preRestore' }, signal);
    await this.#requireWriter('preRestore', signal);
  }

  /** Tells the writer whether every file is in its place. */
  async setStatus(status: keyof typeof STATUS, signal: AbortSignal): Promise<void> {
    await this.#run('fileStatus', 'postRestore', [String(STATUS[status])], signal);
  }

  /** The writer registers the VM from its files. Throws `vss.writer` with its message if it fails. */
  async postRestore(signal: AbortSignal): Promise<void> {
    await this.#session.run({ native: 'postRestore', step: 'postRestore' }, signal);
    const result = await this.#session.run({ native: 'components', step: 'postRestore' }, signal);
    const { name } = this.#component;
    const found = readDocumentComponents(result).find((each) => each.name === name);
    const failure = found?.postRestoreFailure ?? found?.preRestoreFailure ?? null;
    if (failure !== null) {
      throw vssError('vss.writer', `The Hyper-V writer could not register the VM: ${failure}`, {
        data: { step: 'postRestore', vm: name, found: failure },
      });
    }
    await this.#requireWriter('postRestore', signal);
  }

  close(): Promise<void> {
    return release(this.#session);
  }

  async #requireWriter(step: VssStep, signal: AbortSignal): Promise<void> {
    requireHypervWriter(step, await this.#session.run({ native: 'status', step }, signal));
  }

  #run(
    native: 'select' | 'fileStatus',
    step: VssStep,
    more: readonly string[],
    signal: AbortSignal,
  ): Promise<JsonFields> {
    const component = this.#component;
    const fields = [`{${HYPERV_WRITER}}`, ...componentFields(component), ...more];
    const call: StepCall = { native, step, fields, about: component.name };
    return this.#session.run(call, signal);
  }
}

/** Releases the requestor object. Windows does the rest even if that takes longer than we wait. */
async function release(session: VssSession): Promise<void> {
  const limit = AbortSignal.timeout(END_LIMIT);
  await session.run({ native: 'release', step: 'delete' }, limit).catch(() => undefined);
  session.close();
}
