import type {
  AnatomyInfo,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
  ParentCandidate,
} from '../../engine/api/anatomy.ts';
import type { DiskAnatomyStrings } from './disk-anatomy-strings.ts';

/**
 * The disk anatomy's view: a page as the change map's, named views/disk-anatomy. The extension answers
 *
 * | request      | answer                                                                                             |
 * | ------------ | -------------------------------------------------------------------------------------------------- |
 * | open         | anatomy/open; the one that this panel had open is closed. `view.notFile`: the file is not on a file system |
 * | blocks       | anatomy/blocks                                                                                     |
 * | bytes        | anatomy/bytes                                                                                      |
 * | openParent   | opens the parent in an editor of its own; what lies outside the folder only after a modal question that names it, and never in a window without trust |
 * | reopenAsText | the file in the text editor, in place of this one                                                  |
 * | copy         | the text to the clipboard                                                                          |
 *
 * and sends `reload` when the file has changed, another engine answers, or the window has become trusted. Errors of code
 * `anatomy.notOpen` make the view open the file again by itself, once.
 */
export interface DiskAnatomyInit {
  /** The file's name, for people. */
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

// A type, not an interface: only those fit a table of requests without an open index.
export type DiskAnatomyRequests = {
  readonly open: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: OpenedAnatomy;
  };
  readonly blocks: { readonly params: BlockTileRequest; readonly result: BlockTile };
  readonly bytes: { readonly params: BytesRequest; readonly result: BytesAnswer };
  readonly openParent: {
    readonly params: { readonly key: ParentCandidate['key'] };
    /** False: the person changed their mind, or was told why not. */
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

export type TabId = 'structure' | 'parts' | 'blocks' | 'parents' | 'findings';

/** What comes back after a reload of the window. */
export interface DiskAnatomyState {
  readonly version: 1;
  /** Bytes of the file. */
  readonly marked: { readonly offset: number; readonly length: number };
  readonly tab: TabId;
  /** Open nodes of the tree, and the one under the keyboard's focus. */
  readonly expanded: readonly string[];
  readonly node: string;
  /** Blocks of a cell of the block map (null: the whole disk in view), the first in view, and the one under the focus. */
  readonly camera: { readonly perCell: number | null; readonly from: number };
  readonly block: number;
  readonly bytesAnyway: boolean;
}
