import type { Advice } from './advice-row.ts';
import { CHAIN_ADVICE } from './chain-advice.ts';
import { BLOCK_ADVICE } from './vhdx-block-advice.ts';
import { QCOW2_ADVICE } from './qcow2-advice.ts';
import { VHD_ADVICE } from './vhd-advice.ts';
import { HEAD_ADVICE } from './vhdx-head-advice.ts';
import { METADATA_ADVICE } from './vhdx-metadata-advice.ts';

/** Advice by code: one row for each code that a check can find. A format adds its table here. */
export const ADVICE: Readonly<Record<string, Advice>> = {
  ...HEAD_ADVICE,
  ...METADATA_ADVICE,
  ...BLOCK_ADVICE,
  ...VHD_ADVICE,
  ...QCOW2_ADVICE,
  ...CHAIN_ADVICE,
};
