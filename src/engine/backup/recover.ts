import fs from 'node:fs/promises';
import type { Guid } from '../base/guid.ts';
import { isEngineError } from '../base/errors.ts';
import {
  claimCheckpoint,
  claimReferencePoint,
  markDestroyed,
  withCheckpoint,
  withoutCheckpoint,
  withoutIntent,
  withReferencePoint,
  type Intent,
} from './ledger.ts';
import { toLocalPath, type PathMapping } from './path-map.ts';
import type { LedgerKeeper, RunDeps } from './run-context.ts';
import { listPoints, removePoint, type PointEntry } from './store/catalog.ts';
import { pointFolder, vmFolder } from './store/layout.ts';

/** One thing that an interrupted run of ours left, and what became of it. */
export interface CleanedItem {
  readonly kind: 'checkpoint' | 'referencePoint' | 'export' | 'point' | 'temporary' | 'unclear';
  readonly id: string;
  readonly text: string;
}

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
  deps: RunDeps,
  vmId: Guid,
  keeper: LedgerKeeper,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const items: CleanedItem[] = [];
  const recovery = new Recovery(deps, vmId, keeper, options, items);
  await recovery.intents(signal);
  await recovery.checkpoints(signal);
  const points = await listPoints(deps.store, vmId, signal);
  await recovery.referencePoints(points, signal);
  await recovery.partialPoints(points, signal);
  return items;
}

class Recovery {
  readonly #deps: RunDeps;
  readonly #vmId: Guid;
  readonly #keeper: LedgerKeeper;
  readonly #options: RecoveryOptions;
  readonly #items: CleanedItem[];

  constructor(
    deps: RunDeps,
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
  async intents(signal: AbortSignal): Promise<void> {
    for (const intent of this.#keeper.ledger.intents) {
      if (intent.kind === 'checkpoint') await this.#checkpointIntent(intent, signal);
      else if (intent.kind === 'referencePoint') await this.#referencePointIntent(intent, signal);
      else await this.#exportIntent(intent, signal);
    }
  }

  async checkpoints(signal: AbortSignal): Promise<void> {
    for (const { id } of this.#keeper.ledger.checkpoints) {
      const there = (await this.#deps.host.listCheckpoints(this.#vmId, signal)).some(
        (c) => c.id === id,
      );
      if (there) {
        this.#note('checkpoint', id, 'a backup checkpoint of ours: destroyed');
        if (this.#options.dryRun) continue;
        await this.#deps.host.destroyCheckpoint(id, signal);
      }
      await this.#update((ledger) => withoutCheckpoint(ledger, id), signal);
    }
  }

  /** Ours, and not that of the newest committed point: superseded, or of a run that was never committed. */
  async referencePoints(points: readonly PointEntry[], signal: AbortSignal): Promise<void> {
    const needed = points.findLast((point) => point.state === 'complete')?.manifest.referencePoint
      ?.id;
    const own = this.#keeper.ledger.referencePoints.filter(
      (each) => each.state !== 'destroyed' && each.id !== needed && this.#forPoint(each.pointId),
    );
    for (const { id } of own) {
      this.#note('referencePoint', id, 'a reference point of ours that no point needs: destroyed');
      if (this.#options.dryRun) continue;
      await this.#deps.host.destroyReferencePoint(id, signal);
      const time = new Date(this.#deps.now()).toISOString();
      await this.#update((ledger) => markDestroyed(ledger, id, time), signal);
    }
  }

  async partialPoints(points: readonly PointEntry[], signal: AbortSignal): Promise<void> {
    const { store } = this.#deps;
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

  async #checkpointIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const now = await this.#deps.host.listCheckpoints(this.#vmId, signal);
    const claim = claimCheckpoint(this.#keeper.ledger, intent, now);
    if (claim.outcome === 'several') return this.#unclear(intent, claim.items);
    if (claim.outcome === 'none') return this.#drop(intent, signal);
    const { id } = claim.item;
    const { host, pointId } = intent;
    const own = { id, host, created: intent.time, pointId };
    await this.#update((ledger) => withCheckpoint(ledger, own, intent.id), signal);
    if (this.#options.dryRun)
      this.#note('checkpoint', id, 'a backup checkpoint of ours: destroyed');
  }

  async #referencePointIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const now = await this.#deps.host.listReferencePoints(this.#vmId, signal);
    const claim = claimReferencePoint(this.#keeper.ledger, intent, now);
    if (claim.outcome === 'several') return this.#unclear(intent, claim.items);
    if (claim.outcome === 'none') return this.#drop(intent, signal);
    const { id } = claim.item;
    const { host, pointId } = intent;
    const own = { id, host, created: intent.time, pointId };
    await this.#update((ledger) => withReferencePoint(ledger, own, intent.id), signal);
    if (this.#options.dryRun)
      this.#note('referencePoint', id, 'a reference point of ours that no point needs: destroyed');
  }

  async #exportIntent(intent: Intent, signal: AbortSignal): Promise<void> {
    const { directory } = intent;
    if (directory !== null) {
      this.#note('export', directory, 'an export on the host: removed');
      if (!this.#options.dryRun) await removeExport(directory, this.#options.pathMap);
    }
    await this.#drop(intent, signal);
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

/** Removes the folder of an export where this machine can reach it; one that it cannot reach stays, named in the ledger. */
export async function removeExport(
  directory: string,
  pathMap: readonly PathMapping[],
): Promise<boolean> {
  try {
    await fs.rm(toLocalPath(directory, pathMap), { recursive: true, force: true });
    return true;
  } catch (error) {
    if (isEngineError(error, 'path.unmapped')) return false;
    throw error;
  }
}
