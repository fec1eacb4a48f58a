import type { GuestErrorCode } from './codes/guest-codes.ts';
import type { MethodReasonCode, PlanErrorCode, VssWarningCode } from './codes/method-codes.ts';
import type { NetErrorCode } from './codes/net-codes.ts';
import type { ImportErrorCode, OverErrorCode, RestoreErrorCode } from './codes/restore-codes.ts';
import type { VirtdiskErrorCode, VssErrorCode, Win32ErrorCode } from './codes/windows-codes.ts';

/**
 * Every code of the engine, as closed unions. Scripts, logs, tables of words and error handlers
 * rely on them. API.md explains the flags of an error. Add a code here first; the compiler then
 * requires its words (extension/errors/areas). Records written by a newer program may hold other
 * codes: their parsers accept them, and they are shown unchanged.
 */

/** Codes of errors: one union for each area that throws them. */
export type ErrorCode =
  | AnatomyErrorCode
  | BytesErrorCode
  | ChainErrorCode
  | CredentialErrorCode
  | DemoErrorCode
  | DiskErrorCode
  | ExportErrorCode
  | GuestErrorCode
  | GuidErrorCode
  | HashesErrorCode
  | HostErrorCode
  | HttpErrorCode
  | InterruptedErrorCode
  | JobErrorCode
  | LabErrorCode
  | LeaseErrorCode
  | LedgerErrorCode
  | ManifestErrorCode
  | MapErrorCode
  | NetErrorCode
  | NotYetErrorCode
  | OutputErrorCode
  | OverErrorCode
  | ParentErrorCode
  | PathErrorCode
  | PlanErrorCode
  | PointErrorCode
  | Qcow2ErrorCode
  | RangeErrorCode
  | ImportErrorCode
  | RestoreErrorCode
  | SourceErrorCode
  | StoreErrorCode
  | TraceErrorCode
  | TrackerErrorCode
  | UsageErrorCode
  | VhdErrorCode
  | VhdsErrorCode
  | VhdxErrorCode
  | VirtdiskErrorCode
  | VssErrorCode
  | VmErrorCode
  | Win32ErrorCode
  | WsmanErrorCode
  | XmlErrorCode;

type AnatomyErrorCode = 'anatomy.notOpen' | 'anatomy.request';

type BytesErrorCode = 'bytes.range' | 'bytes.u64';

type ChainErrorCode = 'chain.cycle' | 'chain.depth' | 'chain.gap';

type CredentialErrorCode = 'credential.file';

type DemoErrorCode = 'demo.failed';

type DiskErrorCode =
  | 'disk.ambiguous'
  | 'disk.chain.cycle'
  | 'disk.chain.depth'
  | 'disk.chain.sectors'
  | 'disk.changed'
  | 'disk.edit.children'
  | 'disk.edit.format'
  | 'disk.edit.store'
  | 'disk.format'
  | 'disk.identity'
  | 'disk.snapshot'
  | 'disk.parent.mismatch'
  | 'disk.parent.missing'
  | 'disk.range'
  | 'disk.readers'
  | 'disk.rebase.contents'
  | 'disk.repair.changed'
  | 'disk.repair.limit'
  | 'disk.repair.record'
  | 'disk.repair.unfinished'
  | 'disk.rescue.size'
  | 'disk.source.changed'
  | 'disk.target.source'
  | 'disk.unsupported'
  | 'disk.write.argument';

type ExportErrorCode = 'export.full' | 'export.group' | 'export.missing' | 'export.refused';

type GuidErrorCode = 'guid.syntax';

type HashesErrorCode = 'hashes.damaged' | 'hashes.usage' | 'hashes.version';

type HostErrorCode =
  | 'host.busy'
  | 'host.checkpoint.foreign'
  | 'host.checkpoint.notFound'
  | 'host.checkpoint.type'
  | 'host.consistency'
  | 'host.disk.notFound'
  | 'host.group.ambiguous'
  | 'host.group.notFound'
  | 'host.group.shared'
  | 'host.job.failed'
  | 'host.job.lost'
  | 'host.merge.stuck'
  | 'host.method'
  | 'host.notRemoved'
  | 'host.referencePoint.foreign'
  | 'host.referencePoint.notFound'
  | 'host.rights'
  | 'host.tracking'
  | 'host.unclear'
  | 'host.unsupported'
  | 'host.value'
  | 'host.vm.ambiguous'
  | 'host.vm.moved'
  | 'host.vm.notFound'
  | 'host.vmms';

type HttpErrorCode =
  | 'http.auth.clock'
  | 'http.auth.downgrade'
  | 'http.auth.expired'
  | 'http.auth.failed'
  | 'http.auth.kdc'
  | 'http.auth.library'
  | 'http.auth.locked'
  | 'http.auth.mechanism'
  | 'http.auth.missing'
  | 'http.auth.noTicket'
  | 'http.auth.peer'
  | 'http.auth.plain'
  | 'http.auth.scheme'
  | 'http.auth.sealed'
  | 'http.auth.spn'
  | 'http.auth.system'
  | 'http.auth.token'
  | 'http.auth.unprotected'
  | 'http.lost'
  | 'http.status'
  | 'http.timeout'
  | 'http.tls.expected'
  | 'http.tls.fingerprint'
  | 'http.tls.plain'
  | 'http.tls.unknownCertificate'
  | 'http.tooLarge'
  | 'http.unavailable'
  | 'http.unreachable'
  | 'http.url';

type InterruptedErrorCode = 'interrupted';

type JobErrorCode = 'job.input' | 'job.leftovers' | 'job.notFound' | 'job.start' | 'job.state';

type LabErrorCode =
  | 'lab.argument'
  | 'lab.control'
  | 'lab.damaged'
  | 'lab.disk.notFound'
  | 'lab.fault.unknown'
  | 'lab.folder'
  | 'lab.locked'
  | 'lab.notFound'
  | 'lab.notRunning'
  | 'lab.port'
  | 'lab.state'
  | 'lab.vm.ambiguous'
  | 'lab.vm.exists'
  | 'lab.vm.notFound';

type LeaseErrorCode = 'lease.held' | 'lease.lost';

type LedgerErrorCode = 'ledger.damaged' | 'ledger.intent' | 'ledger.version';

type ManifestErrorCode =
  'manifest.checksum' | 'manifest.damaged' | 'manifest.missing' | 'manifest.version';

type MapErrorCode =
  | 'map.between'
  | 'map.csv.syntax'
  | 'map.kept.damaged'
  | 'map.kept.missing'
  | 'map.notOpen'
  | 'map.request'
  | 'map.tooMany';

type NotYetErrorCode = 'not-yet';

type OutputErrorCode = 'output.write';

type ParentErrorCode = 'parent.damaged';

type PathErrorCode =
  'path.denied' | 'path.invalid' | 'path.missing' | 'path.stale' | 'path.unmapped';

type PointErrorCode =
  'point.damaged' | 'point.id' | 'point.image' | 'point.incomplete' | 'point.missing';

type Qcow2ErrorCode =
  | 'qcow2.backing'
  | 'qcow2.backing.outside'
  | 'qcow2.compressed'
  | 'qcow2.dataFile'
  | 'qcow2.encrypted'
  | 'qcow2.extension'
  | 'qcow2.feature'
  | 'qcow2.header'
  | 'qcow2.l1'
  | 'qcow2.l2'
  | 'qcow2.signature'
  | 'qcow2.truncated'
  | 'qcow2.version'
  | 'qcow2.write.state'
  | 'qcow2.write.twice';

type RangeErrorCode = 'range.invalid';

type SourceErrorCode =
  | 'source.busy'
  | 'source.closed'
  | 'source.denied'
  | 'source.exists'
  | 'source.fault'
  | 'source.full'
  | 'source.io'
  | 'source.name'
  | 'source.notFile'
  | 'source.notFolder'
  | 'source.notFound'
  | 'source.range'
  | 'source.short';

type StoreErrorCode =
  | 'store.absent'
  | 'store.damaged'
  | 'store.exists'
  | 'store.location'
  | 'store.missing'
  | 'store.notFound'
  | 'store.notStore'
  | 'store.path'
  | 'store.space'
  | 'store.tooLarge'
  | 'store.version';

type TraceErrorCode = 'trace.exchange' | 'trace.file' | 'trace.format' | 'trace.notOpen';

type TrackerErrorCode = 'tracker.lied' | 'tracker.readers' | 'tracker.refused';

type UsageErrorCode = 'usage';

type VhdErrorCode =
  | 'vhd.bat.offset'
  | 'vhd.bat.overlap'
  | 'vhd.footer.checksum'
  | 'vhd.footer.none'
  | 'vhd.footer.offset'
  | 'vhd.footer.signature'
  | 'vhd.footer.size'
  | 'vhd.footer.type'
  | 'vhd.footer.version'
  | 'vhd.header.bat'
  | 'vhd.header.blockSize'
  | 'vhd.header.checksum'
  | 'vhd.header.entries'
  | 'vhd.header.signature'
  | 'vhd.header.version'
  | 'vhd.truncated'
  | 'vhd.write.state'
  | 'vhd.write.twice';

type VhdsErrorCode = 'vhds.backing.missing' | 'vhds.header' | 'vhds.name';

type VhdxErrorCode =
  | 'vhdx.bat.bitmap'
  | 'vhdx.bat.offset'
  | 'vhdx.bat.overlap'
  | 'vhdx.bat.reserved'
  | 'vhdx.bat.size'
  | 'vhdx.bat.state'
  | 'vhdx.header.checksum'
  | 'vhdx.header.log'
  | 'vhdx.header.none'
  | 'vhdx.header.signature'
  | 'vhdx.header.version'
  | 'vhdx.locator.count'
  | 'vhdx.locator.duplicate'
  | 'vhdx.locator.entry'
  | 'vhdx.locator.linkage'
  | 'vhdx.locator.type'
  | 'vhdx.log.corrupt'
  | 'vhdx.log.limit'
  | 'vhdx.log.truncated'
  | 'vhdx.merge.kind'
  | 'vhdx.merge.parent'
  | 'vhdx.metadata.count'
  | 'vhdx.metadata.duplicate'
  | 'vhdx.metadata.incomplete'
  | 'vhdx.metadata.missing'
  | 'vhdx.metadata.overlap'
  | 'vhdx.metadata.place'
  | 'vhdx.metadata.signature'
  | 'vhdx.metadata.unknown'
  | 'vhdx.metadata.value'
  | 'vhdx.region.checksum'
  | 'vhdx.region.count'
  | 'vhdx.region.duplicate'
  | 'vhdx.region.missing'
  | 'vhdx.region.none'
  | 'vhdx.region.overlap'
  | 'vhdx.region.place'
  | 'vhdx.region.signature'
  | 'vhdx.region.unknown'
  | 'vhdx.signature'
  | 'vhdx.truncated'
  | 'vhdx.write.argument'
  | 'vhdx.write.failed'
  | 'vhdx.write.state'
  | 'vhdx.write.twice';

type VmErrorCode = 'vm.ambiguous' | 'vm.damaged' | 'vm.missing';

type WsmanErrorCode =
  | 'wsman.answer'
  | 'wsman.fault.accessDenied'
  | 'wsman.fault.busy'
  | 'wsman.fault.cannotProcessFilter'
  | 'wsman.fault.envelopeTooLarge'
  | 'wsman.fault.internal'
  | 'wsman.fault.invalidContext'
  | 'wsman.fault.invalidSelectors'
  | 'wsman.fault.noClass'
  | 'wsman.fault.noNamespace'
  | 'wsman.fault.notFound'
  | 'wsman.fault.notSupported'
  | 'wsman.fault.other'
  | 'wsman.fault.quota'
  | 'wsman.fault.schema'
  | 'wsman.fault.timedOut'
  | 'wsman.value';

type XmlErrorCode = 'xml.doctype' | 'xml.limit' | 'xml.missing' | 'xml.syntax';

/**
 * Reasons for the kind of a backup or of one of its disks: codes of the planner, and errors that
 * turned an increment into a full.
 */
export type ReasonCode =
  | 'asked'
  | 'chain.length'
  | 'disk.format'
  | 'disk.new'
  | 'disk.replaced'
  | 'disk.resized'
  | 'disk.restored'
  | 'disk.sectors'
  | 'disk.unknown'
  | 'disk.untracked'
  | 'first'
  | 'group.members'
  | 'group.offline'
  | 'hashes.version'
  | 'host.noReferencePoints'
  | 'host.other'
  | 'incremental'
  | 'parent.damaged'
  | 'reference-point.foreign'
  | 'reference-point.missing'
  | 'reference-point.none'
  | 'tracker.no-id'
  | 'tracker.other-id'
  | 'verify.failed'
  | 'vm.new'
  | 'vm.reverted'
  | MethodReasonCode
  | ErrorCode;

/**
 * Findings about a host, a VM, an image or a point. An error met on the way can be a finding, too.
 */
export type FindingCode =
  | 'cell.hash'
  | 'chain.files'
  | 'disk.format'
  | 'disk.hash'
  | 'disk.log.ignored'
  | 'disk.missing'
  | 'disk.passthrough'
  | 'disk.shared'
  | 'disk.untracked'
  | 'file.hash'
  | 'file.missing'
  | 'file.size'
  | 'hashes.damaged'
  | 'host.lab'
  | 'host.noReferencePoints'
  | 'host.ntlmFallback'
  | 'host.rights'
  | 'image.bat'
  | 'image.head'
  | 'point.damaged'
  | 'hashes.rebuilt'
  | 'hashes.unproven'
  | 'vm.backupCheckpoint'
  | 'vm.busy'
  | 'vm.folder'
  | 'vm.noRctId'
  | 'vm.userCheckpoints'
  | 'vm.version'
  | ErrorCode;

/** Warnings of a run that continued. A finding or a reason can be a warning, too. */
export type WarningCode =
  | 'cancelled'
  | 'clean.left'
  | 'consistency.crash'
  | 'disk.allocation'
  | 'disk.attached'
  | 'job.leftovers'
  | 'job.more'
  | 'map.csv.untidy'
  | 'map.partitions'
  | 'store.room'
  | 'tracker.coarse'
  | 'tracker.outside'
  | 'tracker.overlap'
  | 'tracker.overshoot'
  | 'tracker.unchecked'
  | 'unfinished'
  | VssWarningCode
  | 'warnings.more'
  | ReasonCode
  | FindingCode;
