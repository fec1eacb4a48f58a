/*
 * refpoint-vss.h: VSS for the engine, on Windows x64. A session has a thread of its own that owns COM and the requestor object of
 * vssapi.dll, so no function here waits: the caller begins a step, polls it and takes its result. TypeScript decides the order of steps
 * (src/engine/vss/native).
 *
 * A result is JSON in UTF-16: {"ok": true, ...}, or {"ok": false, "call": NAME, ...} with "hresult" (a number) if the call failed, or
 * "problem": "cancelled", "tooLarge", "memory", "order", "input" or "missing".
 *
 * If the process ends, Windows aborts the backup and releases its shadow copies: their context is VSS_CTX_BACKUP.
 */
#ifndef REFPOINT_VSS_H
#define REFPOINT_VSS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RPV_API __declspec(dllexport)

/* Version of this interface. */
#define RPV_ABI 1

/* Steps, and the fields of their input. `component` stands for the fields: type, logical path ('' for none), name. */
enum {
  RPV_BEGIN_BACKUP = 1,   /* - */
  RPV_BEGIN_RESTORE = 2,  /* components document */
  RPV_METADATA = 3,       /* writer; returns "writers" */
  RPV_ADD_COMPONENT = 4,  /* instance, writer, component */
  RPV_START_SET = 5,      /* -; returns "set" */
  RPV_ADD_VOLUME = 6,     /* volume with a backslash at its end; returns "supported", and "shadow" if it is */
  RPV_PREPARE = 7,        /* - */
  RPV_SNAPSHOT = 8,       /* - */
  RPV_STATUS = 9,         /* -; returns "writers" */
  RPV_SHADOW = 10,        /* shadow copy; returns its properties */
  RPV_SUCCEEDED = 11,     /* instance, writer, component, 1 or 0 */
  RPV_DOCUMENT = 12,      /* -; returns "document" */
  RPV_COMPLETE = 13,      /* - */
  RPV_ABORT = 14,         /* - */
  RPV_RELEASE = 15,       /* - */
  RPV_SELECT = 16,        /* writer, component */
  RPV_PRE_RESTORE = 17,   /* - */
  RPV_FILE_STATUS = 18,   /* writer, component, VSS_FILE_RESTORE_STATUS */
  RPV_POST_RESTORE = 19,  /* - */
  RPV_COMPONENTS = 20,    /* -; returns the "components" of the document */
};

/* Results of functions. */
enum { RPV_OK, RPV_BUSY, RPV_INPUT, RPV_MEMORY, RPV_SYSTEM };

/* States of a session. */
enum { RPV_IDLE, RPV_RUNNING, RPV_FINISHED };

/* Maximum length of an input, in UTF-16 units. */
#define RPV_MAX_INPUT (16u << 20)

typedef struct rpv_session rpv_session;

RPV_API uint32_t rpv_abi(void);

/* Starts a session with its thread. Returns NULL if there is not enough memory, or no thread. */
RPV_API rpv_session *rpv_open(void);

/*
 * Begins a step. The fields of `input`, of `units` units together, are separated by zeros. Returns RPV_BUSY while another step runs or
 * its result was not taken.
 */
RPV_API uint32_t rpv_begin(rpv_session *session, uint32_t step, const uint16_t *input, size_t units);

/* Returns the state. */
RPV_API uint32_t rpv_poll(rpv_session *session);

/*
 * Returns the length of the result in units, 0 unless the step is finished. If `room` is enough, copies the result and forgets it;
 * then the next step may begin.
 */
RPV_API size_t rpv_result(rpv_session *session, uint16_t *into, size_t room);

/* Cancels the running step as soon as VSS allows it. Its result has the problem "cancelled". */
RPV_API void rpv_cancel(rpv_session *session);

/* Ends the session; a running step is cancelled. The thread releases everything and frees the session, which must not be used again. */
RPV_API void rpv_close(rpv_session *session);

#ifdef __cplusplus
}
#endif

#endif
