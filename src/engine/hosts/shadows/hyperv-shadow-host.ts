import type { MountFolder, ShadowHost, VmPlaces } from '../../backup/host/shadow-host.ts';
import type { EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import { equals, select, selectNames } from '../../cim/wql.ts';
import { listPlaces } from '../../hyperv/places/vm-places.ts';
import { DiskshadowRequestor, removeSet } from '../../vss/diskshadow/diskshadow-requestor.ts';
import { readJobLog, type DiskshadowLog } from '../../vss/diskshadow/read-log.ts';
import {
  isFolderName,
  lookInFolder,
  newFolderName,
  type RunCommand,
} from '../../vss/diskshadow/run-diskshadow.ts';
import { findElevationObstacle, findVssObstacle } from '../../vss/native/find-obstacle.ts';
import { NativeRequestor } from '../../vss/native/native-requestor.ts';
import type { VssRequestor } from '../../vss/requestor.ts';
import { vssError } from '../../vss/vss-errors.ts';
import { listMounts } from '../../vss/wmi/list-mounts.ts';
import { listShadows, type HostShadows } from '../../vss/wmi/list-shadows.ts';

/** Shadow copies of a Hyper-V host: read over WMI, made by our own requestor or by diskshadow. */
export class HypervShadowHost implements ShadowHost {
  readonly #client: CimClient;
  readonly #run: RunCommand;
  readonly #isThisComputer: (signal: AbortSignal) => Promise<boolean>;

  /**
   * @param run runs PowerShell on the host
   * @param isThisComputer whether the host is the computer of this process
   */
  constructor(
    client: CimClient,
    run: RunCommand,
    isThisComputer: (signal: AbortSignal) => Promise<boolean>,
  ) {
    this.#client = client;
    this.#run = run;
    this.#isThisComputer = isThisComputer;
  }

  newFolder(): string {
    return newFolderName();
  }

  async list(signal: AbortSignal): Promise<HostShadows> {
    try {
      return await listShadows(this.#client, signal);
    } catch (error) {
      if (!isCimError(error, 'denied')) throw error;
      throw vssError('vss.denied', 'The account may not list the shadow copies of the host', {
        data: { host: this.#client.url, expected: 'an administrator, in an elevated process' },
        cause: error,
      });
    }
  }

  mounts(signal: AbortSignal): Promise<readonly MountFolder[]> {
    return listMounts(this.#client, signal);
  }

  async places(signal: AbortSignal): Promise<readonly VmPlaces[]> {
    const found = await listPlaces(this.#client, signal);
    return found.map(({ id, name, state, paths, answers }) => {
      const running = state === 'running' || state === 'paused';
      const willBeSaved = state === 'paused' || (running && answers === false);
      return { id, name, running, willBeSaved, paths };
    });
  }

  async selects(signal: AbortSignal): Promise<boolean> {
    return (await this.#isThisComputer(signal)) && findVssObstacle() === undefined;
  }

  /**
   * A job's folder is made in %ProgramData%: on the drive of the system, unless an administrator moved it (see
   * reach-set.ts). UNCONFIRMED on a real host.
   */
  async mountedBelow(signal: AbortSignal): Promise<string | null> {
    const wql = selectNames(['SystemDrive'], 'Win32_OperatingSystem');
    for await (const { properties } of this.#client.query(
      { namespace: 'root/cimv2', wql },
      signal,
    )) {
      const drive = properties.get('SystemDrive');
      if (typeof drive === 'string' && /^[a-z]:$/i.test(drive)) return `${drive}\\ProgramData`;
    }
    return null;
  }

  async obstacle(signal: AbortSignal): Promise<EngineError | undefined> {
    return (await this.#isThisComputer(signal)) ? findElevationObstacle() : undefined;
  }

  async requestor(folder: string, signal: AbortSignal): Promise<VssRequestor> {
    if (await this.selects(signal)) return new NativeRequestor();
    return new DiskshadowRequestor({
      run: this.#run,
      name: checked(folder),
      mountedAt: (shadow, signal) => this.#mountedAt(shadow, signal),
    });
  }

  async look(folder: string, signal: AbortSignal): Promise<DiskshadowLog | null | undefined> {
    const found = await lookInFolder(this.#run, checked(folder), signal);
    if (found === undefined) return undefined;
    return readJobLog(found.log);
  }

  async remove(folder: string, set: Guid | null, signal: AbortSignal): Promise<void> {
    await removeSet({ run: this.#run, name: checked(folder) }, set, signal);
  }

  /** Returns the name under which a shadow copy is exposed. */
  async #mountedAt(shadow: Guid, signal: AbortSignal): Promise<string | null> {
    const wql = select('Win32_ShadowCopy', equals('ID', `{${shadow.toUpperCase()}}`));
    const query = { namespace: 'root/cimv2', wql };
    for await (const { properties } of this.#client.query(query, signal)) {
      const name = properties.get('ExposedName');
      if (typeof name === 'string') return name;
    }
    return null;
  }
}

/** A folder's name comes from a ledger: any other text must not become part of a path. */
function checked(folder: string): string {
  if (isFolderName(folder)) return folder;
  throw vssError('vss.answer', 'The name of the job’s folder is not one of ours', {
    data: { found: folder.slice(0, 100), expected: '32 hexadecimal digits' },
  });
}
