import assert from 'node:assert/strict';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { readAnatomy } from '../../../../src/engine/disk/anatomy/read-anatomy.ts';
import type { DiskFormat } from '../../../../src/engine/disk/image/disk-format.ts';
import type { DiskImage } from '../../../../src/engine/disk/image/image.ts';
import { describeDefect } from '../../../../src/engine/disk/inspect/defect.ts';
import { Findings } from '../../../../src/engine/disk/inspect/findings.ts';
import { Draft } from '../../../../src/engine/disk/repair/draft.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import type { PageImage } from '../../files/page-storage.ts';

const MIB = 2 ** 20;
/** Parts of the disk that are looked up: a header may claim any size. */
const MOST_DISK = 64 * MIB;
const MOST_READS = 20_000;
/** Bytes that one step may read: several times the largest table of a small file. */
const MOST_BYTES = 512 * MIB;
const MOST_DEFECTS = 4096;

/** Fails a reader that reads too much, or too much at once, of a small file. */
class LimitedSource implements ByteSource {
  readonly name = '/nowhere/fuzzed';
  readonly #image: PageImage;
  #reads = 0;
  #bytes = 0;

  constructor(image: PageImage) {
    this.#image = image;
  }

  get size(): number {
    return this.#image.size;
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    this.#reads++;
    this.#bytes += into.length;
    assert.ok(into.length <= 64 * MIB, `one read of ${into.length} bytes`);
    assert.ok(this.#reads <= MOST_READS, `more than ${MOST_READS} reads`);
    assert.ok(this.#bytes <= MOST_BYTES, `more than ${MOST_BYTES} bytes read`);
    this.#image.read(offset, into);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The ways in which the engine reads a file that somebody else wrote. */
const STEPS: Readonly<
  Record<string, (format: DiskFormat, source: ByteSource) => Promise<string | undefined>>
> = {
  check: async (format, source) => {
    const codes = new Set<string>();
    let count = 0;
    for await (const defect of format.check?.(source, never) ?? []) {
      assert.ok(Number.isSafeInteger(defect.offset) && defect.offset >= 0, defect.code);
      assert.notEqual(describeDefect(defect), '');
      codes.add(defect.code);
      if (++count > MOST_DEFECTS) break;
    }
    return [...codes].sort().join(' ');
  },
  survey: async (format, source) => {
    const survey = await format.survey(source, {}, never);
    await survey.describe(never);
    if (survey.image !== undefined) await lookUp(survey.image);
    return survey.problems[0]?.code;
  },
  open: async (format, source) => {
    await lookUp(await format.open(source, {}, never));
    return undefined;
  },
  identify: async (format, source) => {
    await format.identify(source, never);
    return undefined;
  },
  anatomy: async (_format, source) => {
    await readAnatomy(source, new Findings(), never);
    return undefined;
  },
  repair: async (format, source) => {
    const draft = new Draft(source);
    const steps = (await format.repairs?.repair(draft, never)) ?? [];
    // What was repaired is repaired.
    const again = (await format.repairs?.repair(new Draft(draft), never)) ?? [];
    const codes = new Set(steps.map(({ code }) => code));
    assert.deepEqual(
      again.filter(({ code }) => codes.has(code)).map(({ code }) => code),
      [],
      'repaired twice',
    );
    return undefined;
  },
};

async function lookUp(image: DiskImage): Promise<void> {
  const range = { start: 0, end: Math.min(image.size, MOST_DISK) };
  let at = 0;
  let data = 0;
  for await (const batch of image.surveyedIn(range.end === 0 ? [] : [range], never)) {
    for (const extent of batch) {
      assert.equal(extent.start, at, 'a gap between extents');
      at = extent.end;
      if (extent.kind !== 'data' || data++ > 16) continue;
      const into = new Uint8Array(Math.min(512, extent.end - extent.start));
      await image.readData(extent.start, extent.offset, into, never).catch(coded);
    }
  }
  assert.equal(at, range.end, 'extents do not cover the disk');
}

/** Accepts an error of the engine; a bug throws another one. */
function coded(error: unknown): string {
  if (isEngineError(error)) return error.code;
  throw error;
}

/** Reads a file in all ways. Returns what came of it; throws what no file may cause. */
export async function exercise(format: DiskFormat, image: PageImage): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const [name, step] of Object.entries(STEPS)) {
    const began = process.cpuUsage();
    const outcome = await step(format, new LimitedSource(image)).catch(coded);
    const { user, system } = process.cpuUsage(began);
    assert.ok(user + system < 1_000_000, `${name} took ${(user + system) / 1000} ms`);
    outcomes.push(`${name} ${outcome ?? 'done'}`);
  }
  return outcomes;
}
