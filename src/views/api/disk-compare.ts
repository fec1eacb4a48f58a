import type { AnatomyInfo } from '../../engine/api/anatomy.ts';
import type {
  DifferencesAnswer,
  DifferencesRequest,
  ImageSurveyInfo,
  SectorsAnswer,
  SectorsRequest,
} from '../../engine/api/disk-contents.ts';
import type { DiskCompareStrings } from './disk-compare-strings.ts';

/**
 * The comparison of two disk images: a page like the change map's, named views/disk-compare. The
 * extension answers requests as follows:
 *
 * | request     | answer                                                                                              |
 * | ----------- | --------------------------------------------------------------------------------------------------- |
 * | open        | anatomy/open of both; closes this panel's previous ones. `view.notFile`: one is not on a file system |
 * | survey      | anatomy/survey                                                                                      |
 * | sectors     | anatomy/sectors                                                                                     |
 * | differences | anatomy/differences, with progress                                                                  |
 * | openImage   | opens one of the images in the anatomy editor                                                       |
 * | copy        | copies the text to the clipboard                                                                    |
 *
 * The extension sends `reload` after one of the files changed, the engine was restarted, or the
 * window became trusted. On an error of code `anatomy.notOpen` the view reopens the images
 * automatically, once.
 */
export interface DiskCompareInit {
  readonly images: ComparedImages;
  /** Paths of the files, for display. */
  readonly paths: ComparedImages;
  readonly strings: DiskCompareStrings;
  /** BCP 47, for numbers: vscode.env.language. */
  readonly language: string;
}

export type CompareSide = 'left' | 'right';

/** One text about each image. In the state, and as `images`, it is the URI of the file. */
export type ComparedImages = Readonly<Record<CompareSide, string>>;

/** Both images, opened. */
export interface OpenedImages {
  readonly images: Readonly<Record<CompareSide, AnatomyInfo>>;
  /** Parents were followed. */
  readonly trusted: boolean;
}

// A type and not an interface: an interface is not assignable to a table of requests without an
// index signature.
export type DiskCompareRequests = {
  readonly open: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: OpenedImages;
  };
  readonly survey: {
    readonly params: { readonly anatomyId: string };
    readonly result: ImageSurveyInfo;
  };
  readonly sectors: { readonly params: SectorsRequest; readonly result: SectorsAnswer };
  readonly differences: {
    readonly params: DifferencesRequest;
    readonly result: DifferencesAnswer;
  };
  readonly openImage: {
    readonly params: { readonly side: CompareSide };
    readonly result: Readonly<Record<string, never>>;
  };
  readonly copy: {
    readonly params: { readonly text: string };
    readonly result: Readonly<Record<string, never>>;
  };
};

/** State restored after a reload of the window, and by which the extension knows the images. */
export interface DiskCompareState {
  readonly version: 1;
  readonly images: ComparedImages;
  /** Selected bytes of both disks. */
  readonly marked: { readonly offset: number; readonly length: number };
}
