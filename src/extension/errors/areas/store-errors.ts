import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

const damagedRecord = means(() => t('A record of the store is damaged.'), STEPS.verify);

/** Meanings of the codes about stores and points. */
export const STORE_ERRORS = {
  'store.space': means(() => t('There is no space left in the store.'), STEPS.addStore),
  'store.location': means(
    () => t('This version opens no store at such an address.'),
    STEPS.addStore,
  ),
  'store.notFound': means(
    () => t('The store is not there. Was its folder moved, or is its drive missing?'),
    STEPS.addStore,
    STEPS.removeStore,
  ),
  'store.absent': means(
    () => t('The store is not at its place. Is its drive or share mounted?'),
    STEPS.addStore,
    STEPS.removeStore,
  ),
  'store.notStore': means(() => t('The folder is not empty and is not a store.'), STEPS.addStore),
  'store.version': means(() => t('A newer Refpoint made this store.'), STEPS.showEnvironment),
  'store.path': means(() => t('A path leads out of the store.'), STEPS.verify),
  'point.image': means(
    () => t('An image of the store is not the one that was recorded.'),
    STEPS.verify,
  ),
  store: means(() => t('A file of the store is missing or damaged.'), STEPS.verify),
  'lease.held': means(() => t('Another process is writing this VM’s points.'), STEPS.showJobs),
  'lease.lost': means(
    () => t('Another process has taken over this VM’s points. This run stopped.'),
    STEPS.showJobs,
  ),
  'manifest.version': means(() => t('A newer Refpoint made this point.'), STEPS.showEnvironment),
  'ledger.version': means(() => t('A newer Refpoint wrote this ledger.'), STEPS.showEnvironment),
  'hashes.version': means(() => t('A newer Refpoint made this point.'), STEPS.showEnvironment),
  'manifest.checksum': means(
    () => t('The record of a point was changed after it was written.'),
    STEPS.verify,
  ),
  manifest: damagedRecord,
  'ledger.damaged': means(
    () => t('The ledger of the VM is damaged: nothing tells which objects on the host are ours.'),
    STEPS.repairLedger,
    STEPS.verify,
  ),
  ledger: damagedRecord,
  hashes: damagedRecord,
  'vm.damaged': damagedRecord,
  vm: means(() => t('The store has no such VM.'), STEPS.refresh),
  point: means(() => t('The store has no such point.'), STEPS.refresh),
  chain: means(() => t('The chain of points is broken.'), STEPS.verify),
} satisfies Readonly<Record<string, ErrorMeaning>>;
