import type { ErrorInfo } from '../../api/errors.ts';
import { EngineError } from '../../base/errors.ts';

/** Areas of errors that prevent a restore; those of the host and the store make a plan worthless. */
const OBSTACLE = /^(?:disk\.write|import|over|path|point|restore)\./;

/** Collects the errors of the checks of a plan. */
export class Findings {
  readonly all: ErrorInfo[] = [];

  /**
   * Runs a check. Returns undefined if it found an obstacle; throws every other error.
   * @param data added to the data of the finding
   */
  async of<T>(
    check: () => T | Promise<T>,
    data: Readonly<Record<string, string>> = {},
  ): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof EngineError) || !OBSTACLE.test(error.code)) throw error;
      const info = error.toJSON();
      this.all.push({ ...info, data: { ...data, ...info.data } });
      return undefined;
    }
  }
}
