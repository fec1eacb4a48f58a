import { isEngineError, type EngineError } from '../../base/errors.ts';
import { describeDefect, type Defect } from '../inspect/defect.ts';
import type { LostEntry } from './disk-map.ts';

/** A defect of an image or of its chain. */
export interface DiskFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The file that the finding is about. */
  readonly path: string;
  /** Offset in that file. */
  readonly offset?: number;
  /** The part of the disk that is lost because of it. */
  readonly range?: { readonly start: number; readonly length: number };
}

/**
 * Maximum number of listed findings per code: a damaged table can have millions of wrong entries.
 */
const MAX_OF_CODE = 24;

/** Collects the findings of one image, each error once. */
export class DiskFindings {
  readonly #path: string;
  readonly #found = new Map<string, DiskFinding>();
  readonly #counts = new Map<string, number>();

  /** @param path of the image, for errors that name no file */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Adds an error and the part of the disk that is lost because of it. Ignores an error that was
   * added before: one error, such as a missing parent, may lose many parts, which the map lists.
   */
  add(error: EngineError, lost?: Pick<LostEntry, 'start' | 'length'>): void {
    const { code, message } = error;
    if (this.#found.has(message)) return;
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MAX_OF_CODE) this.#found.set(message, toFinding(error, this.#path, lost));
  }

  /** Adds a broken rule in spite of which the image is read. */
  addNote(note: Defect): void {
    const { code, offset, severity = 'error' } = note;
    const path = this.#path;
    const message = `${path}: ${describeDefect(note)}`;
    if (severity === 'info') return;
    this.#found.set(message, { code, severity, message, path, offset });
  }

  /** Adds that the log was ignored on request. */
  addLogIgnored(): void {
    const path = this.#path;
    const message = `${path}: the changes in its log were ignored, so the contents may be older than those that Windows reads`;
    this.#found.set(message, { code: 'disk.log.ignored', severity: 'warning', message, path });
  }

  /** Whether anything is damaged. */
  get damaged(): boolean {
    return this.list.some(({ severity }) => severity === 'error');
  }

  get list(): readonly DiskFinding[] {
    const more = [...this.#counts].flatMap(([code, count]): DiskFinding[] => {
      if (count <= MAX_OF_CODE) return [];
      const message = `${count - MAX_OF_CODE} more findings of this kind`;
      return [{ code, severity: 'error', message, path: this.#path }];
    });
    return [...this.#found.values(), ...more];
  }
}

function toFinding(
  error: EngineError,
  path: string,
  lost: Pick<LostEntry, 'start' | 'length'> | undefined,
): DiskFinding {
  const { code, message, data } = error;
  const { offset } = data;
  const named = isEngineError(error, 'disk.parent.mismatch') ? data['parent'] : data['path'];
  return {
    code,
    severity: 'error',
    message: lost === undefined ? message : `${message}; ${lostText(lost)}`,
    path: typeof named === 'string' ? named : path,
    ...(typeof offset === 'number' ? { offset } : {}),
    ...(lost === undefined ? {} : { range: { start: lost.start, length: lost.length } }),
  };
}

/** Describes the lost part of the disk. */
const lostText = ({ start, length }: Pick<LostEntry, 'start' | 'length'>): string =>
  `bytes ${start} to ${start + length} of the virtual disk are lost`;
