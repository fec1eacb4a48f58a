import {
  machine,
  type FileEnvironment,
} from '../../../src/engine/source/platform/file-environment.ts';

export interface FilePlan {
  /**
   * Asked before each operation (`open`, `rename`, `handle.write`, …), numbered from 1: an error code
   * to fail with, undefined to go on.
   */
  readonly fail: (operation: string, number: number) => string | undefined;
  /** After the first EIO every later operation fails too, as after a kill or a pulled cable. */
  readonly dead?: boolean;
  readonly windows?: boolean;
  /** Waits as the machine does, and takes it for the Windows that it may be; for contention. */
  readonly real?: boolean;
}

export interface FaultyFiles extends FileEnvironment {
  /** Operations so far, by name. */
  readonly log: readonly string[];
  /** Pauses that were asked for, in milliseconds. */
  readonly waits: readonly number[];
}

/** The real file operations, of which some fail; waiting takes no time. */
export function faultyFiles(plan: FilePlan): FaultyFiles {
  const log: string[] = [];
  const waits: number[] = [];
  let broken = false;
  let clock = 0;
  const guard = (name: string): void => {
    log.push(name);
    const code = broken ? 'EIO' : plan.fail(name, log.length);
    if (code === undefined) return;
    broken = plan.dead === true && code === 'EIO';
    throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
  };
  const files = wrap(machine.files, '', guard);
  const writeNow: FileEnvironment['writeNow'] = (handle, bytes, position) => {
    guard('handle.write');
    return machine.writeNow?.(handle, bytes, position) ?? 0;
  };
  if (plan.real === true) return { ...machine, log, waits, files, writeNow };
  return {
    log,
    waits,
    files,
    writeNow,
    windows: plan.windows ?? false,
    now: () => clock,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      clock += milliseconds;
      return Promise.resolve();
    },
  };
}

function wrap<T extends object>(target: T, prefix: string, guard: (name: string) => void): T {
  return new Proxy(target, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      const call = value as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]): Promise<unknown> => {
        // A handle that cannot even be closed would only leak in the test.
        if (key !== 'close') guard(`${prefix}${key}`);
        const result = await call.apply(object, args);
        return key === 'open' ? wrap(result as object, 'handle.', guard) : result;
      };
    },
  });
}
