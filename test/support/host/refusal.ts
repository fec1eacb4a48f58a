import assert from 'node:assert/strict';
import type { ErrorInfo } from '../../../src/engine/api/errors.ts';
import { ENGINE_ERROR } from '../../../src/engine/api/errors.ts';
import type { Request } from '../../../src/engine/api/methods.ts';
import type { EngineProcess } from '../process/engine-process.ts';
import { assertInTime } from '../process/in-time.ts';

/**
 * The error with which the engine answers a request: one of the request's own areas, a sentence of one line without a stack,
 * within `limit` milliseconds.
 */
export async function refusal<P>(
  engine: EngineProcess,
  request: Request<P, unknown>,
  params: P,
  limit = 5000,
): Promise<ErrorInfo> {
  const begun = performance.now();
  let answer: unknown;
  try {
    answer = await engine.request(request, params);
  } catch (error) {
    const took = performance.now() - begun;
    const { code, data } = error as { readonly code: number; readonly data: ErrorInfo };
    assert.equal(code, ENGINE_ERROR, String(error));
    const area = data.code.split('.')[0] ?? '';
    assert.ok(request.areas.includes(area), `${request.method} failed with ${data.code}`);
    assert.doesNotMatch(data.message, /\n|\bat \S+:\d+:\d+/, 'a sentence, no stack');
    assert.match(data.message, /^[\p{L}\d“/]/u);
    for (const flag of [data.permanent, data.userFixable, data.damage]) {
      assert.equal(typeof flag, 'boolean');
    }
    assertInTime(took, limit, request.method);
    return data;
  }
  throw new Error(`${request.method} was answered: ${JSON.stringify(answer).slice(0, 200)}`);
}
