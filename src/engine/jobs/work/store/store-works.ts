import { performAttach } from './attach.ts';
import { performRestore } from './restore.ts';
import { performVerify } from './verify.ts';

/** Work of the kinds of jobs that need a store only. */
export const STORE_WORKS = {
  attach: performAttach,
  restore: performRestore,
  verify: performVerify,
} as const;
