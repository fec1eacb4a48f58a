import type { DiskCheck } from '../../api/disk-check.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import type { OpenDiskOptions } from '../chain/open-disk.ts';
import { detectFormat } from '../formats/detect-format.ts';
import { formatNamed } from '../formats/formats.ts';
import type { DiskFormat } from '../image/disk-format.ts';
import { surveyDisk } from '../survey/survey-disk.ts';
import { checkLinks } from './check-chain.ts';
import { CheckFindings } from './check-findings.ts';
import { checkSiblings } from './check-siblings.ts';

/**
 * Checks an image, and with `chain` its parents and how they fit together. Changes nothing. Streams
 * tables, so memory does not depend on the size of the disk. Throws only if the file cannot be
 * opened, or its format not be detected.
 */
export async function checkDisk(
  file: string,
  options: OpenDiskOptions & { readonly chain?: boolean },
  signal: AbortSignal,
): Promise<DiskCheck> {
  const findings = new CheckFindings();
  const contents = await checkFile(file, options.format, findings, signal);
  if (options.chain === true) {
    await checkChain(file, options, findings, signal);
  } else if (contents !== undefined) await checkFile(contents, undefined, findings, signal);
  return { findings: findings.list };
}

/** Checks the parents of an image, and how they fit together. */
async function checkChain(
  file: string,
  options: OpenDiskOptions,
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  const surveyed = await surveyDisk(file, options, signal);
  try {
    for (const parent of surveyed.chain.slice(1)) {
      await checkFile(parent, undefined, findings, signal);
    }
    // The end of the chain is the fault of the last file; that of the file itself is known already.
    const { ends, top } = surveyed;
    if (ends !== undefined && ends !== top.spoiled && !top.problems.includes(ends)) {
      addError(findings, surveyed.chain.at(-1) ?? file, ends);
    }
    await checkLinks(surveyed.layers, surveyed.chain, findings, signal);
    await checkSiblings(surveyed.layers, surveyed.chain, findings, signal);
  } finally {
    await surveyed.close();
  }
}

/**
 * Checks one file by its format. Returns the path of the file that holds its contents, if that is
 * another one that is there.
 */
async function checkFile(
  file: string,
  name: string | undefined,
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const given = name === undefined ? undefined : formatNamed(name);
  const source = await FileSource.open(file, signal);
  try {
    const format = given ?? (await detectFormat(source, signal));
    await checkSource(source, format, file, findings, signal);
    return await format.contents?.(source, signal);
  } finally {
    await source.close();
  }
}

/** Checks the bytes of one file by its format; `source` stays open. */
export async function checkSource(
  source: ByteSource,
  format: DiskFormat,
  file: string,
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (format.check !== undefined) {
      for await (const defect of format.check(source, signal)) findings.addDefect(file, defect);
    } else await surveyFile(source, format, file, findings, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    addError(findings, file, error);
  }
}

/** Does what can be done for a format without rules: tells what its reader would refuse. */
async function surveyFile(
  source: ByteSource,
  format: DiskFormat,
  file: string,
  findings: CheckFindings,
  signal: AbortSignal,
): Promise<void> {
  const survey = await format.survey(source, {}, signal);
  for (const problem of survey.problems) addError(findings, file, problem);
  for (const note of survey.notes ?? []) findings.addDefect(file, note);
  const { image } = survey;
  if (image === undefined || !(await survey.describe(signal)).wrong) return;
  for await (const batch of image.surveyedIn([{ start: 0, end: image.size }], signal)) {
    for (const extent of batch) if (extent.kind === 'lost') addError(findings, file, extent.error);
  }
}

function addError(
  findings: CheckFindings,
  path: string,
  { code, message, data }: EngineError,
): void {
  const { offset, found, expected } = data;
  findings.add({
    code,
    severity: 'error',
    message,
    path,
    ...(typeof offset === 'number' ? { offset } : {}),
    ...(typeof found === 'string' || typeof found === 'number' ? { found } : {}),
    ...(typeof expected === 'string' || typeof expected === 'number' ? { expected } : {}),
  });
}
