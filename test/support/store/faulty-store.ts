import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import type { ByteSource, PartWriter } from '../../../src/engine/source/byte-source.ts';
import { sourceError } from '../../../src/engine/source/source-errors.ts';

/** Which operation fails, and how. */
export interface StoreFault {
  /** The operation's number, from 1. */
  readonly at: number;
  /** `before`: it is not done. `after`: it is done, and the answer is lost. */
  readonly when: 'before' | 'after';
  /** Every later operation fails too, as after a kill. */
  readonly dead: boolean;
  /** Which operations count; all where absent. */
  readonly only?: RegExp;
}

export interface FaultyStore {
  readonly store: Store;
  /** The operations that counted: `replaceFile x/ledger.json`, `part.write x/0.vhdx`. */
  readonly log: readonly string[];
  readonly failed: () => boolean;
}

const PLAIN = new Set(['localPath']);

/** A store of which one operation fails with `source.fault`; files opened from it count as well. */
export function faultyStore(inner: Store, fault: StoreFault): FaultyStore {
  const log: string[] = [];
  let broken = false;
  const step = async <T>(name: string, task: () => Promise<T>): Promise<T> => {
    if (broken && fault.dead) throw injected(name);
    if (fault.only !== undefined && !fault.only.test(name)) return task();
    log.push(name);
    if (log.length !== fault.at) return task();
    if (fault.when === 'after') await task();
    broken = true;
    throw injected(name);
  };
  const part = (writer: PartWriter, path: string): PartWriter => ({
    name: writer.name,
    write: (...args) => step(`part.write ${path}`, () => writer.write(...args)),
    complete: (...args) => step(`part.complete ${path}`, () => writer.complete(...args)),
    abandon: () => step(`part.abandon ${path}`, () => writer.abandon()),
  });
  const source = (file: ByteSource, path: string): ByteSource => ({
    name: file.name,
    size: file.size,
    read: (...args) => step(`source.read ${path}`, () => file.read(...args)),
    close: () => file.close(),
  });
  const store = new Proxy(inner, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      const call = value.bind(object) as (...args: unknown[]) => Promise<unknown>;
      if (PLAIN.has(key)) return call;
      return async (path: unknown, ...rest: unknown[]): Promise<unknown> => {
        const name = typeof path === 'string' ? path : '';
        const result = await step(`${key} ${name}`, () => call(path, ...rest));
        if (key === 'createFile') return part(result as PartWriter, name);
        if (key === 'openFile') return source(result as ByteSource, name);
        return result;
      };
    },
  });
  return { store, log, failed: () => broken };
}

const injected = (name: string): Error =>
  sourceError('source.fault', `Injected on purpose: ${name}`, { data: { operation: name } });
