import type {
  AnatomyInfo,
  BlockPlace,
  BlockRequest,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
  ParentCandidate,
} from '../../engine/api/anatomy.ts';
import type {
  ImageFix,
  ImageSurveyInfo,
  SearchAnswer,
  SearchRequest,
  SectorsAnswer,
  SectorsRequest,
} from '../../engine/api/disk-contents.ts';
import type { DiskAnatomyStrings } from './disk-anatomy-strings.ts';

/**
 * The disk anatomy's view: a page like the change map's, named views/disk-anatomy. The extension
 * answers requests as follows:
 *
 * | request      | answer                                                                                             |
 * | ------------ | -------------------------------------------------------------------------------------------------- |
 * | open         | anatomy/open; closes this panel's previous anatomy. `view.notFile`: the file is not on a file system |
 * | blocks       | anatomy/blocks                                                                                     |
 * | block        | anatomy/block                                                                                      |
 * | bytes        | anatomy/bytes                                                                                      |
 * | survey       | anatomy/survey; the findings are shown in the Problems panel as well                               |
 * | sectors      | anatomy/sectors                                                                                    |
 * | search       | anatomy/search, with progress                                                                      |
 * | fix          | asks for what the fix needs, previews it and runs it                                               |
 * | openParent   | opens the parent in a separate editor; a parent outside the folder only after a modal question that names it, and never in an untrusted window |
 * | reopenAsText | opens the file in the text editor, in place of this one                                            |
 * | copy         | copies the text to the clipboard                                                                   |
 *
 * The extension sends `reload` after the file changed, the engine was restarted, or the window
 * became trusted. On an error of code `anatomy.notOpen` the view reopens the file automatically,
 * once.
 */
export interface DiskAnatomyInit {
  /** The file's name, for display. */
  readonly name: string;
  readonly strings: DiskAnatomyStrings;
  /** BCP 47, for numbers: vscode.env.language. */
  readonly language: string;
}

export interface OpenedAnatomy {
  readonly info: AnatomyInfo;
  /** Parents outside the folder may be opened on request. */
  readonly trusted: boolean;
}

// A type and not an interface: an interface is not assignable to a table of requests without an
// index signature.
export type DiskAnatomyRequests = {
  readonly open: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: OpenedAnatomy;
  };
  readonly blocks: { readonly params: BlockTileRequest; readonly result: BlockTile };
  readonly block: { readonly params: BlockRequest; readonly result: BlockPlace };
  readonly bytes: { readonly params: BytesRequest; readonly result: BytesAnswer };
  readonly survey: {
    readonly params: { readonly anatomyId: string };
    readonly result: ImageSurveyInfo;
  };
  readonly sectors: { readonly params: SectorsRequest; readonly result: SectorsAnswer };
  readonly search: { readonly params: SearchRequest; readonly result: SearchAnswer };
  readonly fix: {
    readonly params: { readonly fix: ImageFix };
    /** False: the user cancelled, or was shown why it failed. */
    readonly result: { readonly done: boolean };
  };
  readonly openParent: {
    readonly params: { readonly key: ParentCandidate['key'] };
    /** False: the user cancelled, or was shown why the parent cannot be opened. */
    readonly result: { readonly opened: boolean };
  };
  readonly reopenAsText: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: Readonly<Record<string, never>>;
  };
  readonly copy: {
    readonly params: { readonly text: string };
    readonly result: Readonly<Record<string, never>>;
  };
};

/** The bytes of the file, or the sectors of the virtual disk. */
export type SideId = 'bytes' | 'sectors';

export type TabId = 'structure' | 'parts' | 'blocks' | 'parents' | 'findings';

/** State restored after a reload of the window. */
export interface DiskAnatomyState {
  readonly version: 1;
  /** Bytes of the file. */
  readonly marked: { readonly offset: number; readonly length: number };
  readonly tab: TabId;
  readonly side: SideId;
  /** Bytes of the virtual disk. */
  readonly sector: { readonly offset: number; readonly length: number };
  /** Keys of the open nodes of the tree, and of the focused node. */
  readonly expanded: readonly string[];
  readonly node: string;
  /**
   * Blocks per cell of the block map (null: the whole disk is in view), the first block in view,
   * and the focused block.
   */
  readonly camera: { readonly perCell: number | null; readonly from: number };
  readonly block: number;
  readonly bytesAnyway: boolean;
}
