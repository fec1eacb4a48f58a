import type { CheckFinding } from '../../api/disk-check.ts';
import type {
  DifferencesAnswer,
  DifferencesRequest,
  ImageFinding,
  ImageSurveyInfo,
  SearchAnswer,
  SearchRequest,
  SectorPiece,
  SectorsAnswer,
  SectorsRequest,
} from '../../api/disk-contents.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { ChainPiece } from '../../disk/chain/chain-pieces.ts';
import { checkDisk } from '../../disk/check/check-disk.ts';
import { differences } from '../../disk/contents/differences.ts';
import { readSectors } from '../../disk/contents/read-sectors.ts';
import { readableDisk, type ReadableDisk } from '../../disk/contents/readable-disk.ts';
import { searchedDisk } from '../../disk/contents/searched.ts';
import { surveyDisk, type SurveyedDisk } from '../../disk/survey/survey-disk.ts';
import { diskInfo } from '../../disk/tools/disk-info.ts';
import { check } from './check-request.ts';
import { fixesOf } from './image-fixes.ts';
import { searchIn } from './search-in.ts';

const MAX_BYTES = 65_536;
const MAX_RANGES = 1000;
/** Sector size of formats that do not store it. */
const SECTOR = 512;

/** The virtual disk of an image with its parents, however damaged; opened at the first request. */
export class DiskContents {
  readonly #path: string;
  readonly #followParents: boolean;
  #opening: Promise<SurveyedDisk> | undefined;
  #closed = false;

  constructor(path: string, followParents: boolean) {
    this.#path = path;
    this.#followParents = followParents;
  }

  /** Checks the image, with its parents if they are followed, and finds what is lost. */
  async survey(signal: AbortSignal): Promise<ImageSurveyInfo> {
    const surveyed = await this.#open(signal);
    const { top, chain } = surveyed;
    const { lost, lostBytes } = await diskInfo(surveyed, signal);
    const checked = await checkDisk(this.#path, { chain: this.#followParents }, signal);
    const findings = checked.findings.map(toFinding);
    // Without its parents nothing can be said about what only they hold.
    const known = this.#followParents ? lost : lost.filter(({ code }) => code !== MISSING);
    const hidden = this.#followParents ? 0 : sum(lost) - sum(known);
    const damage = { path: this.#path, findings, size: top.size, lostBytes: lostBytes - hidden };
    return {
      findings,
      lost: known.map(({ start, length, code }) => ({ start, length, code })),
      lostBytes: lostBytes - hidden,
      virtualSize: top.size ?? null,
      sectorSize: top.image?.logicalSectorSize ?? SECTOR,
      layers: chain,
      // Without trust no fix can be carried out, and the trial of a repair opens parents.
      fixes: this.#followParents ? await fixesOf(damage, signal) : [],
    };
  }

  async sectors({ offset, length }: SectorsRequest, signal: AbortSignal): Promise<SectorsAnswer> {
    const surveyed = await this.#open(signal);
    const size = surveyed.top.size ?? 0;
    check('offset', offset, 0, size);
    check('length', length, 1, MAX_BYTES);
    const bytes = Buffer.alloc(Math.min(length, size - offset));
    const pieces = await readSectors(surveyed, offset, bytes, signal);
    return { offset, bytes: bytes.toString('base64'), pieces: pieces.map(toPiece) };
  }

  async search(
    request: SearchRequest,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<SearchAnswer> {
    const surveyed = await this.#open(signal);
    let lostBytes = 0;
    const onLost = (bytes: number): void => {
      lostBytes += bytes;
    };
    const disk = searchedDisk(surveyed, surveyed.top.size ?? 0, onLost);
    return { ...(await searchIn(disk, request, progress, signal)), lostBytes };
  }

  /** Throws the reason if the size of either disk is not known. */
  async differences(
    other: DiskContents,
    { from, count }: DifferencesRequest,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<DifferencesAnswer> {
    check('from', from, 0, Number.MAX_SAFE_INTEGER);
    check('count', count, 1, MAX_RANGES);
    const [a, b] = [await this.#disk(signal), await other.#disk(signal)];
    const ranges: DifferencesAnswer['ranges'][number][] = [];
    for await (const { start, end } of differences(a, b, from, progress, signal)) {
      // One more than asked for shows that there are more.
      if (ranges.length === count) return { ranges, next: start };
      ranges.push({ start, length: end - start });
    }
    return { ranges, next: null };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }

  async #disk(signal: AbortSignal): Promise<ReadableDisk> {
    const surveyed = await this.#open(signal);
    const { size, problems } = surveyed.top;
    const reason = surveyed.ends ?? problems[0];
    if (size === undefined && reason !== undefined) throw reason;
    return readableDisk(surveyed, size ?? 0);
  }

  /** Opens the layers once; a failed attempt is repeated by the next request. */
  async #open(signal: AbortSignal): Promise<SurveyedDisk> {
    for (;;) {
      const mine = this.#opening === undefined;
      this.#opening ??= this.#survey(signal);
      try {
        const surveyed = await this.#opening;
        if (this.#closed) await surveyed.close();
        return surveyed;
      } catch (error) {
        // The attempt of another request may only have been cancelled.
        if (mine || signal.aborted) throw error;
      }
    }
  }

  async #survey(signal: AbortSignal): Promise<SurveyedDisk> {
    try {
      return await surveyDisk(this.#path, { alone: !this.#followParents }, signal);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

const MISSING = 'disk.parent.missing';

const sum = (ranges: readonly { readonly length: number }[]): number =>
  ranges.reduce((total, { length }) => total + length, 0);

const toFinding = (finding: CheckFinding): ImageFinding => {
  const { code, severity, message, path, offset, section, fix } = finding;
  return {
    code,
    severity,
    message,
    path,
    offset: offset ?? null,
    section: section ?? null,
    fix: fix ?? null,
  };
};

function toPiece(piece: ChainPiece): SectorPiece {
  const { start, end, kind } = piece;
  const lost = kind === 'lost';
  return {
    start,
    length: end - start,
    kind,
    layer: lost ? null : piece.depth,
    fileOffset: kind === 'data' && piece.offset >= 0 ? piece.offset : null,
    code: lost && isEngineError(piece.error) ? piece.error.code : null,
  };
}
