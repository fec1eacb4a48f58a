/** Languages of a lab. A host answers in its own language, whatever the client requests. */
export const LAB_LANGUAGES = ['en-US', 'de-DE', 'ja-JP'] as const;

export type LabLanguage = (typeof LAB_LANGUAGES)[number];
