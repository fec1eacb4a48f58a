import * as vscode from 'vscode';
import { openTrace } from './trace/trace-commands.ts';
import type { CommandId } from '../contributions/command-table.ts';
import { showError } from '../errors/present-error.ts';
import type { CommandHandler, Services } from '../services/services.ts';
import { isNode } from '../nodes/nodes.ts';
import { backup } from './backup/backup-command.ts';
import { leaveDiskOut, takeDiskAgain } from './backup/leave-out.ts';
import {
  convertCheckpoint,
  createCheckpoint,
  removeCheckpoint,
} from './vms/checkpoint-commands.ts';
import { cleanUp } from './vms/clean-command.ts';
import { copyCommand, copyId, copyJson } from './copy/copy-commands.ts';
import { editHost } from './hosts/edit-host.ts';
import { exportCommand } from './vms/export-command.ts';
import {
  addHost,
  addThisComputer,
  connect,
  disconnect,
  findVm,
  forgetPassword,
  removeHost,
  showFindings,
} from './hosts/host-commands.ts';
import { prepareHost } from './hosts/prepare-host.ts';
import { testFileAccess } from './hosts/test-file-access.ts';
import { cancelJob, cancelQueued, forgetJob, runAgain } from './jobs/job-commands.ts';
import { addLabVm, startLab, stopLab, writeInGuest } from './lab/lab-commands.ts';
import { browseFiles } from './files/browse-files.ts';
import { compareImages } from './look/compare-command.ts';
import { fixImage, rebaseImage, repairImage, rescueImage } from './look/image-commands.ts';
import {
  compareWith,
  openChangeMap,
  openDisk,
  openRanges,
  refresh,
  showEnvironment,
  showLog,
  showReport,
} from './look/look-commands.ts';
import { createReferencePoint, queryChanges, removeReferencePoint } from './vms/point-commands.ts';
import { backUpByVss } from './vss/back-up-by-vss.ts';
import { showShadowCopies } from './vss/show-shadow-copies.ts';
import { attachPoint } from './windows/attach-point.ts';
import { queryDiskChanges } from './windows/query-disk-changes.ts';
import { repairLedger } from './stores/repair-ledger-command.ts';
import { restore } from './restore/restore-command.ts';
import { acceptRestore, undoRestore } from './restore/settle-over.ts';
import { addStoreCommand, removeStore } from './stores/store-commands.ts';
import { verify } from './stores/verify-command.ts';

const HANDLERS: Readonly<Record<CommandId, CommandHandler>> = {
  'refpoint.addHost': addHost,
  'refpoint.addThisComputer': addThisComputer,
  'refpoint.prepareHost': prepareHost,
  'refpoint.editHost': editHost,
  'refpoint.removeHost': removeHost,
  'refpoint.connect': connect,
  'refpoint.disconnect': disconnect,
  'refpoint.forgetPassword': forgetPassword,
  'refpoint.showFindings': showFindings,
  'refpoint.testFileAccess': testFileAccess,
  'refpoint.findVm': findVm,
  'refpoint.addStore': addStoreCommand,
  'refpoint.removeStore': removeStore,
  'refpoint.startLab': startLab,
  'refpoint.addLabVm': addLabVm,
  'refpoint.writeInGuest': writeInGuest,
  'refpoint.stopLab': stopLab,
  'refpoint.createReferencePoint': createReferencePoint,
  'refpoint.removeReferencePoint': removeReferencePoint,
  'refpoint.createCheckpoint': createCheckpoint,
  'refpoint.convertCheckpoint': convertCheckpoint,
  'refpoint.removeCheckpoint': removeCheckpoint,
  'refpoint.repairLedger': repairLedger,
  'refpoint.queryChanges': queryChanges,
  'refpoint.backup': backup,
  'refpoint.backUpByVss': backUpByVss,
  'refpoint.showShadowCopies': showShadowCopies,
  'refpoint.leaveDiskOut': leaveDiskOut,
  'refpoint.takeDiskAgain': takeDiskAgain,
  'refpoint.export': exportCommand,
  'refpoint.restore': restore,
  'refpoint.undoRestore': undoRestore,
  'refpoint.acceptRestore': acceptRestore,
  'refpoint.browseFiles': browseFiles,
  'refpoint.verify': verify,
  'refpoint.cleanUp': cleanUp,
  'refpoint.cancelJob': cancelJob,
  'refpoint.cancelQueued': cancelQueued,
  'refpoint.runAgain': runAgain,
  'refpoint.forgetJob': forgetJob,
  'refpoint.openChangeMap': openChangeMap,
  'refpoint.compareWith': compareWith,
  'refpoint.queryDiskChanges': queryDiskChanges,
  'refpoint.attachPoint': attachPoint,
  'refpoint.openDisk': openDisk,
  'refpoint.compareImages': compareImages,
  'refpoint.fixImage': fixImage,
  'refpoint.repairImage': repairImage,
  'refpoint.rescueImage': rescueImage,
  'refpoint.rebaseImage': rebaseImage,
  'refpoint.openRanges': openRanges,
  'refpoint.showReport': showReport,
  'refpoint.showLog': showLog,
  'refpoint.openTrace': openTrace,
  'refpoint.showEnvironment': showEnvironment,
  'refpoint.refresh': refresh,
  'refpoint.copyId': copyId,
  'refpoint.copyJson': copyJson,
  'refpoint.copyCommand': copyCommand,
};

/** Every command of the table. What goes wrong in one is said, with what to do next. */
export function registerCommands(services: Services): vscode.Disposable {
  const registered = Object.entries(HANDLERS).map(([id, handler]) =>
    vscode.commands.registerCommand(
      id,
      async (first?: unknown, second?: unknown, ...rest: unknown[]) => {
        const node = isNode(first) ? first : undefined;
        const selected = Array.isArray(second) ? second.filter(isNode) : [];
        // From a tree come node and selection, from the Explorer files; from other callers anything else.
        const fromTree = second === undefined || (Array.isArray(second) && second.every(isNode));
        const given = fromTree ? rest : [second, ...rest];
        const others =
          node === undefined && first !== undefined && first !== null ? [first, ...given] : given;
        try {
          return await handler(services, node, selected, ...others);
        } catch (error) {
          void showError(services.output, error, node);
          return undefined;
        } finally {
          services.attention.acted();
        }
      },
    ),
  );
  return vscode.Disposable.from(...registered);
}
