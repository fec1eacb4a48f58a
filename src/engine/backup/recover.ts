import type { Guid } from '../base/guid.ts';
import { delay } from '../base/abort.ts';
import type { HostCheckpoint, HostReferencePoint } from './host.ts';
import {
  claimCheckpoint,
  claimReferencePoint,
  markDestroyed,
  sameId,
  withCheckpoint,
  withoutCheckpoint,
  withoutIntent,
  withReferencePoint,
  type Claim,
  type Intent,
  type Ledger,
} from './ledger.ts';
import type { PathMapping } from './path-map.ts';
import type { LedgerKeeper, RunDeps } from './run-context.ts';
import { removeExport } from './staged-export.ts';
import { listPoints, removePoint, type PointEntry } from './store/catalog.ts';
import { pointFolder, vmFolder } from './store/layout.ts';
import type { Store } from './store/store.ts';

/** One thing that an interrupted run of ours left, and what became of it. */
export interface CleanedItem {
  readonly kind: 'checkpoint' | 'referencePoint' | 'export' | 'point' | 'temporary' | 'unclear';
  readonly id: string;
  readonly text: string;
}

/** What recovery works with. Without a store, as for the user's own ledger, there are no points. */
export type RecoveryDeps = Pick<RunDeps, 'host' | 'now'> & { readonly store: Store | undefined };

export interface RecoveryOptions {
  readonly pathMap: readonly PathMapping[];
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
}

/**
 * Brings host and store to where the last committed point left them: fulfilled intents are recorded, checkpoints of ours are
 * destroyed, reference points of ours that no committed point needs too, exports and partial points are removed. What is not
 * ours, and what cannot be told, is reported and left alone. The caller holds the lease.
 */
export async function recover(
  deps: RecoveryDeps,
  vmId: Guid,
  keeper: LedgerKeeper,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const items: CleanedItem[] = [];
  const recovery = new Recovery(deps, vmId, keeper, options, items);
  const { store } = deps;
  const points = store === undefined ? [] : await listPoints(store, vmId, signal);
  // First, since it makes room where the store is full.
  if (store !== undefined) await recovery.partialPoints(store, points, signal);
  await recovery.intents('checkpoint', signal);
  await recovery.checkpoints(signal);
  // After that: a checkpoint of ours that is destroyed cannot be converted any more.
  await recovery.intents('referencePoint', signal);
  // Without a store nothing says which points need theirs.
  if (store !== undefined) await recovery.referencePoints(points, signal);
  await recovery.intents('export', signal);
  return items;
}

/** A call younger than this may still be at work on the host. */
const YOUNG_MS = 60_000;
/** How long nothing is waited for: where the host says that it is at work on the VM, and where it does not. */
const BUSY_PATIENCE_MS = 30_000;
const PATIENCE_MS = 1500;
const LOOK_EVERY_MS = 250;
const DESTROY_ATTEMPTS = 20;
const REMOVED_EXPORT = 'an export on the host: removed';

class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #vmId: Guid;
  readonly #keeper: LedgerKeeper;
  readonly #options: RecoveryOptions;
  readonly #items: CleanedItem[];
  /** Checkpoints that were destroyed, or would be: no reference point came of them. */
  readonly #unconverted = new Set<string>();

  constructor(
    deps: RecoveryDeps,
    vmId: Guid,
    keeper: LedgerKeeper,
    options: RecoveryOptions,
    items: CleanedItem[],
  ) {
    this.#deps = deps;
    this.#vmId = vmId;
    this.#keeper = keeper;
    this.#options = options;
    this.#items = items;
  }

  /** An intent without result: the call may have been made or not. */
  async intents(kind: Intent['kind'], signal: AbortSignal): Promise<void> {
    for (const intent of this.#keeper.ledger.intents.filter((each) => each.kind === kind)) {
      if (kind === 'checkpoint') await this.#checkpointIntent(intent, signal);
      else if (kind === 'referencePoint') await this.#referencePointIntent(intent, signal);
      else await this.#exportIntent(intent, signal);
    }
  }

  async checkpoints(signal: AbortSignal): Promise<void> {
    for (const { id } of this.#keeper.ledger.checkpoints) {
      if (await this.#listsCheckpoint(id, signal)) {
        this.#note('checkpoint', id, 'a backup checkpoint of ours: destroyed');
        if (this.#options.dryRun) this.#unconverted.add(id);
        else if (await this.#destroyCheckpoint(id, signal)) this.#unconverted.add(id);
      }
      const unconverted = this.#unconverted.has(id);
      await this.#update((ledger) => {
        const next = withoutCheckpoint(ledger, id);
        // In one step: what another product makes later must never be taken for its conversion.
        return unconverted ? withoutConversion(next, id) : next;
      }, signal);
    }
  }

  /** Ours, and not that of the newest committed point: superseded, or of a run that was never committed. */
  async referencePoints(points: readonly PointEntry[], signal: AbortSignal): Promise<void> {
    const needed =
      points.findLast((point) => point.state === 'complete')?.manifest.referencePoint?.id ?? '';
    const own = this.#keeper.ledger.referencePoints.filter(
      (each) =>
        each.state !== 'destroyed' && !sameId(each.id, needed) && this.#forPoint(each.pointId),
    );
    for (const { id } of own) {
      this.#note('referencePoint', id, 'a reference point of ours that no point needs: destroyed');
      if (this.#options.dryRun) continue;
      await this.#deps.host.destroyReferencePoint(id, signal);
      const time = new Date(this.#deps.now()).toISOString();
      await this.#update((ledger) => markDestroyed(ledger, id, time), signal);
    }
  }

  async partialPoints(
    store: Store,
    points: readonly PointEntry[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const { id, state } of points) {
      if (state !== 'partial') continue;
      this.#note('point', id, 'a point that was never finished: removed');
      if (!this.#options.dryRun) await removePoint(store, this.#vmId, id, signal);
    }
    const folders = [vmFolder(this.#vmId), ...points.map(({ id }) => pointFolder(this.#vmId, id))];
    for (const folder of folders) {
      for (const { path } of await store.leftovers(folder, signal)) {
        this.#note('temporary', path, 'a temporary file: removed');
      }
      if (!this.#options.dryRun) await store.removeLeftovers(folder, signal);
    }
  }

  async #listsCheckpoint(id: string, signal: AbortSignal): Promise<boolean> {
    const now = await this.#deps.host.listCheckpoints(this.#vmId, signal);
    return now.some((each) => sameId(each.id, id));
  }

  /**
   * Whether it was destroyed by us. A job of the run that was interrupted may still work on it: destroying then fails and
   * is tried again, until it is gone otherwise (converted).
   */
  async #destroyCheckpoint(id: string, signal: AbortSignal): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#deps.host.destroyCheckpoint(id, signal);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        if (!(await this.#listsCheckpoint(id, signal))) return false;
        if (attempt >= DESTROY_ATTEMPTS) throw error;
        await delay(LOOK_EVERY_MS, signal);
      }
    }
  }

  /**
   * Looks for what an interrupted call made. The call may have reached the host and its job not have ended yet, so for a
   * young intent nothing is no answer until the host had time, and is not at work on the VM.
   */
  async #settled<T>(
    intent: Intent,
    look: () => Promise<Claim<T>>,
    signal: AbortSignal,
  ): Promise<Claim<T>> {
    const { host, now } = this.#deps;
    const age = now() - Date.parse(intent.time);
    const young = age >= 0 && age < YOUNG_MS;
    for (let waited = 0; ; waited += LOOK_EVERY_MS) {
      const claim = await look();
      if (claim.outcome !== 'none' || !young) return claim;
      const busy = (await host.findVm(this.#vmId, signal)).operation !== null;
      if (waited >= (busy ? BUSY_PATIENCE_MS : PATIENCE_MS)) return claim;
      await delay(LOOK_EVERY_MS, signal);
    }
  }

  async #checkpointIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const look = async (): Promise<Claim<HostCheckpoint>> => {
      const now = await this.#deps.host.listCheckpoints(this.#vmId, signal);
      return claimCheckpoint(this.#keeper.ledger, intent, now);
    };
    const text = 'a backup checkpoint of ours: destroyed';
    await this.#claim(intent, look, withCheckpoint, text, signal);
  }

  async #referencePointIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const { checkpointId } = intent;
    if (checkpointId !== null && this.#unconverted.has(checkpointId)) {
      return this.#drop(intent, signal);
    }
    const look = async (): Promise<Claim<HostReferencePoint>> => {
      const now = await this.#deps.host.listReferencePoints(this.#vmId, signal);
      return claimReferencePoint(this.#keeper.ledger, intent, now);
    };
    const text = 'a reference point of ours that no point needs: destroyed';
    await this.#claim(intent, look, withReferencePoint, text, signal);
  }

  /** Records what fulfilled an intent. A dry run, which records nothing, says what would become of it. */
  async #claim<T extends { readonly id: string }>(
    intent: Intent,
    look: () => Promise<Claim<T>>,
    record: typeof withCheckpoint & typeof withReferencePoint,
    text: string,
    signal: AbortSignal,
  ): Promise<void> {
    const claim = await this.#settled(intent, look, signal);
    if (claim.outcome === 'several') return this.#unclear(intent, claim.items);
    if (claim.outcome === 'none') return this.#drop(intent, signal);
    const { id } = claim.item;
    const { host, pointId } = intent;
    const own = { id, host, created: intent.time, pointId };
    await this.#update((ledger) => record(ledger, own, intent.id), signal);
    if (this.#options.dryRun) this.#note(intent.kind, id, text);
  }

  async #exportIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const { directory } = intent;
    if (directory === null || this.#options.dryRun) {
      if (directory !== null) this.#note('export', directory, REMOVED_EXPORT);
      return this.#drop(intent, signal);
    }
    const outcome = await removeExport(directory, this.#vmId, this.#options.pathMap);
    if (outcome === 'removed') {
      this.#note('export', directory, REMOVED_EXPORT);
      return this.#drop(intent, signal);
    }
    // It stays in the ledger: a run or a clean that can reach it removes it.
    const why = {
      unreachable:
        'an export on the host that cannot be reached from here: left; give its path map',
      foreign: 'named in the ledger as an export, but not as ours are named: left alone',
    };
    this.#note('unclear', directory, why[outcome]);
  }

  #unclear(intent: Intent, found: readonly { readonly id: string }[]): void {
    const ids = found.map((each) => each.id).join(', ');
    this.#note(
      'unclear',
      intent.id,
      `several new objects fit an interrupted run, none was touched: ${ids}`,
    );
  }

  async #drop(intent: Intent, signal: AbortSignal): Promise<void> {
    await this.#update((ledger) => withoutIntent(ledger, intent.id), signal);
  }

  /** Points made by hand belong to whoever made them. */
  #forPoint(pointId: string | null): boolean {
    return pointId !== null;
  }

  async #update(change: Parameters<LedgerKeeper['update']>[0], signal: AbortSignal): Promise<void> {
    if (!this.#options.dryRun) await this.#keeper.update(change, signal);
  }

  #note(kind: CleanedItem['kind'], id: string, text: string): void {
    this.#items.push({ kind, id, text });
  }
}

/** A ledger without the intent to convert a checkpoint. */
function withoutConversion(ledger: Ledger, checkpointId: string): Ledger {
  const intents = ledger.intents.filter(
    (each) => each.kind === 'referencePoint' && each.checkpointId === checkpointId,
  );
  return intents.reduce((next, { id }) => withoutIntent(next, id), ledger);
}
