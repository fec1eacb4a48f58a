import type { SearchAnswer, SearchRequest } from '../../api/disk-contents.ts';
import type { Progress } from '../../base/progress.ts';
import { searchBytes, type SearchedBytes } from '../../disk/contents/search-bytes.ts';
import { check, wrong } from './check-request.ts';

const MAX_PATTERNS = 4;
const MAX_PATTERN = 256;
/** Bytes that one search reads at most: minutes, not hours. */
const MOST_READ = 64 * 2 ** 30;

/** Searches the bytes of a file, or of a virtual disk, from an offset on. */
export async function searchIn(
  bytes: SearchedBytes,
  { patterns, from }: Pick<SearchRequest, 'patterns' | 'from'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  check('from', from, 0, bytes.size);
  check('patterns', Array.isArray(patterns) ? patterns.length : patterns, 1, MAX_PATTERNS);
  const wanted = patterns.map((text) => {
    if (typeof text !== 'string') throw wrong('patterns', text, 'expected Base64');
    const pattern = Buffer.from(text.slice(0, 4 * MAX_PATTERN), 'base64');
    check('patterns', pattern.length, 1, MAX_PATTERN);
    return pattern;
  });
  const options = { patterns: wanted, from, most: MOST_READ };
  const { match, end } = await searchBytes(bytes, options, progress, signal);
  return { match: match ?? null, end, lostBytes: 0 };
}
