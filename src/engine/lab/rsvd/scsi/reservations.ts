import type { Guid } from '../../../base/guid.ts';
import { RESERVATION, RESERVE_OUT } from '../../../net/rsvd/codec/scsi/persistent-reserve.ts';

/** A change that other initiators learn of by a unit attention. */
export type ReservationNews = 'preempted' | 'released' | 'removed';

/** Tells an initiator about a change. */
export type Notify = (initiator: Guid, news: ReservationNews) => void;

interface Holder {
  readonly initiator: Guid;
  readonly type: number;
}

const TYPES: readonly number[] = Object.values(RESERVATION);
const ALL: readonly number[] = [RESERVATION.writeExclusiveAll, RESERVATION.exclusiveAccessAll];
const REGISTRANTS: readonly number[] = [
  RESERVATION.writeExclusiveRegistrants,
  RESERVATION.exclusiveAccessRegistrants,
  ...ALL,
];
const EXCLUSIVE: readonly number[] = [
  RESERVATION.exclusiveAccess,
  RESERVATION.exclusiveAccessRegistrants,
  RESERVATION.exclusiveAccessAll,
];

/** Outcome of PERSISTENT RESERVE OUT. */
export type ReserveOutcome = 'good' | 'conflict' | 'invalid';

/** Persistent reservations of one disk (SPC-4 5.13). They end with the last close of the disk. */
export class Reservations {
  readonly #keys = new Map<Guid, bigint>();
  #holder: Holder | undefined;
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  get keys(): readonly bigint[] {
    return [...this.#keys.values()];
  }

  /** Returns key and type of the reservation; undefined if there is not one. */
  get reservation(): { readonly key: bigint; readonly type: number } | undefined {
    const holder = this.#holder;
    if (holder === undefined) return undefined;
    const key = ALL.includes(holder.type) ? 0n : (this.#keys.get(holder.initiator) ?? 0n);
    return { key, type: holder.type };
  }

  /** Whether a reservation forbids an initiator to read or write. */
  forbids(initiator: Guid, writes: boolean): boolean {
    const holder = this.#holder;
    if (holder === undefined || this.#holds(initiator)) return false;
    if (REGISTRANTS.includes(holder.type) && this.#keys.has(initiator)) return false;
    return writes || EXCLUSIVE.includes(holder.type);
  }

  /** Carries out a service action. */
  act(
    initiator: Guid,
    action: { readonly service: number; readonly type: number },
    { key, serviceKey }: { readonly key: bigint; readonly serviceKey: bigint },
    notify: Notify,
  ): ReserveOutcome {
    const { service, type } = action;
    const own = this.#keys.get(initiator);
    const ignores = service === RESERVE_OUT.registerAndIgnore;
    const registers = service === RESERVE_OUT.register || ignores;
    if (!ignores && (own ?? 0n) !== key) return 'conflict';
    if (registers) return this.#register(initiator, serviceKey, notify);
    if (own === undefined) return 'conflict';
    switch (service) {
      case RESERVE_OUT.reserve: {
        if (!TYPES.includes(type)) return 'invalid';
        if (this.#holder !== undefined) {
          return this.#holds(initiator) && this.#holder.type === type ? 'good' : 'conflict';
        }
        this.#holder = { initiator, type };
        return 'good';
      }
      case RESERVE_OUT.release: {
        if (this.#holder === undefined || !this.#holds(initiator)) return 'good';
        if (this.#holder.type !== type) return 'invalid';
        this.#release(initiator, notify);
        return 'good';
      }
      case RESERVE_OUT.clear: {
        this.#generation++;
        this.#holder = undefined;
        for (const other of this.#others(initiator)) notify(other, 'preempted');
        this.#keys.clear();
        return 'good';
      }
      case RESERVE_OUT.preempt:
      case RESERVE_OUT.preemptAndAbort:
        return this.#preempt(initiator, serviceKey, type, notify);
      default:
        return 'invalid';
    }
  }

  #register(initiator: Guid, key: bigint, notify: Notify): ReserveOutcome {
    this.#generation++;
    if (key !== 0n) {
      this.#keys.set(initiator, key);
      return 'good';
    }
    const held = this.#holder?.initiator === initiator;
    this.#keys.delete(initiator);
    if (held || (this.#holder !== undefined && this.#keys.size === 0)) {
      this.#release(initiator, notify);
    }
    return 'good';
  }

  #preempt(initiator: Guid, victim: bigint, type: number, notify: Notify): ReserveOutcome {
    if (!TYPES.includes(type)) return 'invalid';
    const holder = this.#holder;
    const holdsAll = holder !== undefined && ALL.includes(holder.type);
    if (victim === 0n && !holdsAll) return 'invalid';
    const victims = [...this.#keys].filter(
      ([other, key]) => other !== initiator && (key === victim || (holdsAll && victim === 0n)),
    );
    const takes = holder !== undefined && (holdsAll || this.#keys.get(holder.initiator) === victim);
    if (!takes && victims.length === 0) return 'conflict';
    this.#generation++;
    for (const [other] of victims) {
      this.#keys.delete(other);
      notify(other, 'removed');
    }
    if (takes) this.#holder = { initiator, type };
    return 'good';
  }

  #release(initiator: Guid, notify: Notify): void {
    const wasShared = this.#holder !== undefined && REGISTRANTS.includes(this.#holder.type);
    this.#holder = undefined;
    if (wasShared) for (const other of this.#others(initiator)) notify(other, 'released');
  }

  #holds(initiator: Guid): boolean {
    const holder = this.#holder;
    if (holder === undefined) return false;
    return (
      holder.initiator === initiator || (ALL.includes(holder.type) && this.#keys.has(initiator))
    );
  }

  #others(initiator: Guid): Guid[] {
    return [...this.#keys.keys()].filter((other) => other !== initiator);
  }
}
